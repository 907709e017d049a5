"""A layout that records what is drawn on it as text: what stands in what, and how."""

from types import SimpleNamespace

import bpy

FLAGS = {"enabled": True, "alert": False, "active": True}
"""What can be set on a layout and changes what is seen, with what it is otherwise."""


class Recorded:
    """Records what is drawn; a property, operator or menu that does not exist is an error."""

    def __init__(self, kind=""):
        self.kind, self.lines = kind, []

    def text(self, depth=0):
        """What was drawn, a line each, indented by what it stands in."""
        flags = [f"{name}={value}" for name, usual in FLAGS.items()
                 if (value := getattr(self, name, usual)) != usual]  # fmt: skip
        inside = depth
        head = []
        if self.kind == "box" or flags or (self.kind == "row" and len(self.lines) > 1):
            head, inside = ["  " * depth + " ".join([self.kind or "layout", *flags])], depth + 1
        for line in self.lines:
            head += line.text(inside) if isinstance(line, Recorded) else ["  " * inside + line]
        return head

    def _inside(self, kind):
        self.lines.append(Recorded(kind))
        return self.lines[-1]

    def row(self, **_):
        return self._inside("row")

    def column(self, **_):
        return self._inside("column")

    def split(self, **_):
        return self._inside("row")

    def box(self):
        return self._inside("box")

    def panel(self, name, **_):
        self.lines.append(f"panel {name}")
        return self._inside("row"), self._inside("box")

    def separator(self, **_):
        self.lines.append("separator")

    def _draw(self, *words, icon="NONE", **named):
        said = [f"{name}={value!r}" for name, value in named.items() if value is not None]
        self.lines.append(" ".join([*words, *said, *([icon] if icon != "NONE" else [])]))

    def prop(self, data, name, *, text=None, icon="NONE", expand=None, **_):
        assert name in data.bl_rna.properties or name[2:-2] in data.keys(), name
        self._draw("prop", f"{type(data).__name__}.{name}", text=text, expand=expand, icon=icon)

    def prop_search(self, data, name, *_, **__):
        self._draw("search", f"{type(data).__name__}.{name}")

    def operator(self, name, *, text=None, icon="NONE", **_):
        category, _, short = name.partition(".")
        getattr(getattr(bpy.ops, category), short).get_rna_type()  # KeyError if there is none
        self._draw("operator", name, text=text, icon=icon)
        return SimpleNamespace()

    def operator_menu_enum(self, name, prop, *, icon="NONE", **_):
        category, _, short = name.partition(".")
        assert prop in getattr(getattr(bpy.ops, category), short).get_rna_type().properties, prop
        self._draw("choice", f"{name}.{prop}", icon=icon)

    def menu(self, name, *, text=None, icon="NONE", **_):
        assert hasattr(bpy.types, name), name
        self._draw("menu", name, text=text, icon=icon)

    def label(self, *, text="", icon="NONE", **_):
        self._draw("label", repr(text), icon=icon)

    def template_list(self, name, _id, data, items, active_data, active, **_):
        assert hasattr(bpy.types, name), name
        assert items in data.bl_rna.properties, items
        assert active in active_data.bl_rna.properties, active
        self._draw("list", name)

    def template_icon(self, **_):
        self._draw("picture")

    def progress(self, *, factor, text):
        self._draw("progress", f"{factor:.2f}", repr(text))
