"""A layout that records what panels draw on it."""

from types import SimpleNamespace

import bpy


class Layout:
    """Records what is drawn; a property, operator or menu that does not exist is an error."""

    def __init__(self, log):
        self.log = log

    def row(self, **_):
        return self

    column = box = split = row

    def panel(self, _name, **_):
        return self, self

    def separator(self, **_):
        return None

    def prop(self, data, name, **_):
        assert name in data.bl_rna.properties or name[2:-2] in data.keys(), name
        self.log.append(f"prop {name}")

    def operator(self, name, *, text=None, **_):
        category, _, short = name.partition(".")
        getattr(getattr(bpy.ops, category), short).get_rna_type()  # KeyError if there is none
        self.log.append(f"operator {name}" + (f" {text}" if text else ""))
        return SimpleNamespace()

    def operator_menu_enum(self, name, prop, **_):
        category, _, short = name.partition(".")
        assert prop in getattr(getattr(bpy.ops, category), short).get_rna_type().properties, prop
        self.log.append(f"operator {name}")

    def menu(self, name, *, text="", **_):
        assert hasattr(bpy.types, name), name
        self.log.append(f"menu {text}")

    def label(self, text="", **_):
        self.log.append(f"label {text}")

    def template_list(self, name, _id, data, items, active_data, active, **_):
        assert hasattr(bpy.types, name), name
        assert items in data.bl_rna.properties, items
        assert active in active_data.bl_rna.properties, active
        self.log.append(f"list {name}")

    def progress(self, factor, text):
        self.log.append(f"progress {factor:.2f} {text}")
