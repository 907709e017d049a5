"""The published motion and animation networks, run from checkpoints that the user supplies.

No weights are part of Livescape. The architectures are written from the facts of the published
models, with their parameter names, so that their files load as they are:

* :mod:`.spade_unet`: Eulerian motion of 3D-Cinemagraphy and SLR-SFS, used by
  :mod:`.estimate` and, as an entry of the registry of estimators, :mod:`.guided`.
* :mod:`.slrsfs`: the encoder, splat and decoder of SLR-SFS, used by :mod:`.animate`.
* :mod:`.cinemagraphy`: the feature network and image decoder of 3D-Cinemagraphy.

:mod:`.tensor_file` reads files without ever running code in them; :mod:`.checkpoint` fits their
tensors to a network.
"""
