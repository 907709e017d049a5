"""Drawn motion: what is done, and what is set."""

from __future__ import annotations

WORDS: dict[str, str] = {
    # What is done
    "Draw Motion": "Bewegung zeichnen",
    "Draw on the photo, seen through the camera": "Durch die Kamera gesehen auf dem Foto zeichnen",
    "Draw on the photo, seen through the camera. {0}": (
        "Durch die Kamera gesehen auf dem Foto zeichnen. {0}"
    ),
    "What is drawn": "Was gezeichnet wird",
    "Points": "Punkte",
    "The stroke, for scripts: pixels of the photo, as in '30,40 50,45'": (
        "Der Strich, für Skripte: Pixel des Fotos wie in '30,40 50,45'"
    ),
    "Percent of the photo's long side in a second": (
        "Prozent der langen Seite des Fotos in einer Sekunde"
    ),
    "Drag: draw   |   Backspace: remove the last   |   Enter, Esc or right mouse: done": (
        "Ziehen: zeichnen   |   Rücktaste: letzten entfernen   |   "
        "Eingabe, Esc oder rechte Maustaste: fertig"
    ),
    "Use Selected Drawing": "Gewählte Zeichnung verwenden",
    "Make strokes of the selected curves and Grease Pencil objects, and of annotations, as the "
    "camera sees them now: closed ones become moving regions, open ones arrows": (
        "Aus gewählten Kurven und Grease-Pencil-Objekten und aus Anmerkungen Striche machen, wie "
        "die Kamera sie jetzt sieht: geschlossene werden bewegte Bereiche, offene Pfeile"
    ),
    "{0} stroke": "{0} Strich",
    "{0} strokes": "{0} Striche",
    "Remove Stroke": "Strich entfernen",
    "Delete this stroke or painted mask": "Diesen Strich oder diese gemalte Maske löschen",
    "Name of the object; empty for all that is drawn in the scene": (
        "Name des Objekts; leer für alles, was in der Szene gezeichnet ist"
    ),
    "Import Annotation": "Annotation importieren",
    "Make strokes of labelme or COCO JSON: outlines 'motion', 'still', lines 'hint'": (
        "Aus labelme- oder COCO-JSON Striche machen: Umrisse 'motion', 'still', Linien 'hint'"
    ),
    "Export Annotation": "Annotation exportieren",
    "Write the strokes as a labelme file, for `livescape run --hints`": (
        "Die Striche als labelme-Datei schreiben, für `livescape run --hints`"
    ),
    "Preview Motion": "Bewegungsvorschau",
    "Let the photo move in the view of the camera, as it is drawn. It follows what you change": (
        "Das Foto in der Kameraansicht so bewegen, wie es gezeichnet ist. Folgt jeder Änderung"
    ),
    "Stop Preview": "Vorschau beenden",
    "Show the moving photo no more": "Das bewegte Foto nicht mehr zeigen",
    "Start from Sky and Water": "Mit Himmel und Wasser beginnen",
    "Find clouds and water in the photo, to be edited: outlined as regions, or painted where there "
    "is a painted mask": (
        "Wolken und Wasser im Foto finden, zum Bearbeiten: als Bereiche umrissen oder, wo es eine "
        "gemalte Maske gibt, gemalt"
    ),
    "Paint Mask": "Maske malen",
    "Go On Painting": "Weitermalen",
    "Paint on the photo, seen through the camera": "Durch die Kamera gesehen auf das Foto malen",
    "Paint on the photo, seen through the camera. {0}": (
        "Durch die Kamera gesehen auf das Foto malen. {0}"
    ),
    "Meaning": "Bedeutung",
    "What is said by what is painted": "Was das Gemalte sagt",
    "Moves": "Bewegt",
    "What is painted moves; nothing else does then, but for moving regions": (
        "Gemaltes bewegt sich, und sonst nichts außer bewegten Bereichen"
    ),
    "Stands": "Ruht",
    "What is painted stands still, whatever else says": (
        "Gemaltes steht still, was auch sonst gilt"
    ),
    "Erase": "Radieren",
    "Nothing is said of what is erased": "Über Radiertes wird nichts gesagt",
    "Done Painting": "Fertig gemalt",
    "Go back to Object Mode; what is painted stays": ("Zurück in den Objektmodus; Gemaltes bleibt"),
    "The collection of {0} is hidden, so it cannot be painted on.": (
        "Die Sammlung von {0} ist ausgeblendet, deshalb kann nicht darauf gemalt werden."
    ),
    "Show the collection in the Outliner.": "Die Sammlung im Outliner einblenden.",
    "No mask is being painted": "Es wird keine Maske gemalt",
    "{0} is painted on a photo of another shape and is not used.": (
        "{0} ist auf ein Foto von anderer Form gemalt und wird nicht verwendet."
    ),
    "the painted mask": "der gemalten Maske",
    "The mask of a shape is no picture that Blender can read.": (
        "Die Maske einer Form ist kein Bild, das Blender lesen kann."
    ),
    # What is set
    "Kind": "Art",
    "What the stroke says": "Was der Strich sagt",
    "None": "Keine",
    "Not a stroke": "Kein Strich",
    "Arrow": "Pfeil",
    "What is under it flows along it": "Was darunter liegt, fließt an ihm entlang",
    "Moving Region": "Bewegter Bereich",
    "What it encloses moves": "Was er umschließt, bewegt sich",
    "Standing Region": "Ruhender Bereich",
    "What it encloses stands still, whatever else says": (
        "Was er umschließt, steht still, was auch sonst gilt"
    ),
    "How far it flows in a second, in percent of the photo's long side": (
        "Wie weit es in einer Sekunde fließt, in Prozent der langen Seite des Fotos"
    ),
    "One Direction": "Eine Richtung",
    "All of the region flows one way. Otherwise its arrows say how it flows; without any, it moves "
    "as such a region usually does": (
        "Der ganze Bereich fließt in eine Richtung. Sonst sagen seine Pfeile, wie er fließt; ohne "
        "Pfeile bewegt er sich, wie es solche Bereiche gewöhnlich tun"
    ),
    "Direction": "Richtung",
    "Where it flows: 0 is to the right, 90 degrees up": (
        "Wohin es fließt: 0 ist nach rechts, 90 Grad nach oben"
    ),
    "Mask": "Maske",
    "What is painted on the photo, of an object that is there to be painted on": (
        "Was auf das Foto gemalt ist, bei einem Objekt, das dazu da ist"
    ),
    "Use Drawing": "Zeichnung nutzen",
    "What is drawn says how the photo moves. Turn this off to keep it for later": (
        "Gezeichnetes sagt, wie sich das Foto bewegt. Ausschalten, um es für später aufzuheben"
    ),
    "Show Drawing": "Zeichnung zeigen",
    "Show arrows, regions and paint over the photo, in the view of the camera": (
        "Pfeile, Bereiche und Gemaltes in der Kameraansicht über dem Foto zeigen"
    ),
    "Stroke": "Strich",
    "The stroke that is shown in detail": "Der Strich, der genauer gezeigt wird",
    "Livescape Motion": "Livescape-Bewegung",
}
