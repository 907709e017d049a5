"""Motion: 2D Eulerian flow of a photo, its 3D refinement (3D-MRM) and its animation in 2D.

``flow_estimators`` make flow out of hints, a file or nothing; ``refine`` turns the flow of many
views into one 3D motion per point; ``animate`` animates a picture in 2D.
Units and axes: :mod:`livescape_shared.conventions`.
"""
