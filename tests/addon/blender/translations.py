"""Everything that Blender knows of our classes, and how a sentence is said."""

import bpy
import common


def of_properties(holder):
    """Names, tooltips and choices of a class's own properties."""
    inherited = {each.identifier for base in holder.bases for each in base.properties}
    for each in holder.properties:
        if each.identifier in inherited or each.is_hidden or each.identifier == "rna_type":
            continue
        has_name = each.name != each.identifier.replace("_", " ").title() and each.name
        yield from ((each.name,) if has_name and each.name != each.identifier else ())
        yield each.description
        for item in each.enum_items_static if each.type == "ENUM" else ():
            yield from (item.name, item.description)


KINDS = (bpy.types.Panel, bpy.types.Menu, bpy.types.Operator)


class Struct:
    """A registered class as Blender's own reflection sees it."""

    def __init__(self, rna):
        self.properties, self.bases, base = rna.properties, [], rna.base
        while base is not None:
            self.bases.append(base)
            base = base.base


def texts():
    """Class and text of everything that is registered."""
    found = []
    ours = [name for name in dir(bpy.types) if name.lower().startswith("livescape")]
    kinds = [getattr(bpy.types, name) for name in ours if "_OT_" not in name]
    for base in (bpy.types.PropertyGroup, bpy.types.AddonPreferences):
        kinds += [cls for cls in base.__subclasses__() if cls.__module__.startswith(common.MODULE)]
    for cls in kinds:
        found += [(cls.__name__, getattr(cls, "bl_label", ""))]
        if cls.__name__ != "LivescapeState":
            found += [(cls.__name__, text) for text in of_properties(Struct(cls.bl_rna))]
    for name in dir(bpy.ops.livescape):
        rna = getattr(bpy.ops.livescape, name).get_rna_type()
        found += [(name, rna.name), (name, rna.description)]
        found += [(name, text) for text in of_properties(Struct(rna))]
    return [(where, text) for where, text in found if text.strip()]


def foreign():
    """Classes and properties that Blender looks up among words that are not ours."""
    context = common.addon("translations.context").CONTEXT
    classes = [*common.addon("operators").CLASSES, *common.addon("ui").CLASSES]
    classes = [cls for cls in classes if issubclass(cls, KINDS)]
    for cls in classes:
        if cls.bl_translation_context != context:
            yield cls.__name__
    holders = [cls.bl_rna for cls in classes]
    holders += [getattr(bpy.ops.livescape, name).get_rna_type() for name in dir(bpy.ops.livescape)]
    for base in (bpy.types.PropertyGroup, bpy.types.AddonPreferences):
        found = [cls for cls in base.__subclasses__() if cls.__module__.startswith(common.MODULE)]
        holders += [cls.bl_rna for cls in found if cls.__name__ != "LivescapeState"]
    for rna in holders:
        inherited = {each.identifier for base in Struct(rna).bases for each in base.properties}
        for each in rna.properties:
            if each.identifier in inherited or each.is_hidden or not each.name.strip():
                continue
            if each.translation_context != context:
                yield f"{rna.identifier}.{each.identifier}"


common.enable()
words = common.addon("translations.words")
view = bpy.context.preferences.view
has_languages = bpy.app.build_options.international
if has_languages:
    view.language = "de_DE"
    view.use_translate_interface = view.use_translate_tooltips = True
    view.use_translate_reports = True
said = {
    "iface": words.iface("{0}, frames {1} to {2}", "Rig", 1, 48),
    "rpt": words.rpt("A scene is being generated"),
    "tip": words.tip("The photo lake.png does not exist. Choose a PNG, JPEG, TIFF or WebP file."),
    "move": [words.iface("Move"), bpy.app.translations.pgettext_iface("Move")],
    "unknown": words.iface("Nobody has translated this"),
}
common.leave(
    {"texts": texts(), "has_languages": has_languages, "said": said, "foreign": list(foreign())}
)
