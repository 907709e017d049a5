"""The object that plays a scene: control-point meshes, billboard nodes, material, drivers."""
