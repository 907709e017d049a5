"""What error cards say: what is wrong, and what to do about it."""

from __future__ import annotations

WORDS: dict[str, str] = {
    # The photo and other files
    "Not everything is there. {0}": "Es ist nicht alles da. {0}",
    "No file is chosen.": "Es ist keine Datei ausgewählt.",
    "Choose a file, or give its path.": "Eine Datei auswählen oder ihren Pfad angeben.",
    "No photo is chosen.": "Es ist kein Foto ausgewählt.",
    "The photo {0} does not exist.": "Das Foto {0} gibt es nicht.",
    "Choose a PNG, JPEG, TIFF or WebP file.": "Eine PNG-, JPEG-, TIFF- oder WebP-Datei auswählen.",
    "Its path is one of another system. Choose it again where it lies on this computer.": (
        "Sein Pfad gehört zu einem anderen System. Neu auswählen, wo es auf diesem Rechner liegt."
    ),
    "The photo {0} is not an image that Blender can read.": (
        "Das Foto {0} ist kein Bild, das Blender lesen kann."
    ),
    "The photo {0} has {1} x {2} pixels; each side must have at least {3}.": (
        "Das Foto {0} hat {1} x {2} Pixel; jede Seite muss mindestens {3} haben."
    ),
    "Use a larger version of the photo.": "Eine größere Fassung des Fotos verwenden.",
    "The photo {0} has {1} x {2} pixels; no side may exceed {3}.": (
        "Das Foto {0} hat {1} x {2} Pixel; keine Seite darf über {3} haben."
    ),
    "Scale the photo down first.": "Das Foto zuerst verkleinern.",
    "The photo and its files have {0} bytes, more than the server takes.": (
        "Das Foto und seine Dateien haben {0} Bytes, mehr als der Server annimmt."
    ),
    "Use a smaller photo.": "Ein kleineres Foto verwenden.",
    "The {0} file {1} cannot be read: there is no such file.": (
        "Die Datei {1} ({0}) kann nicht gelesen werden: es gibt sie nicht."
    ),
    "The {0} {1} cannot be read: {2}.": "Die Datei {1} ({0}) kann nicht gelesen werden: {2}.",
    "Choose another file, or leave the field empty.": (
        "Eine andere Datei auswählen oder das Feld leer lassen."
    ),
    "no reason given": "ohne Angabe von Gründen",
    "depth": "Tiefe",
    "mask": "Maske",
    "hints": "Hinweise",
    "flow": "Fluss",
    "clip": "Clip",
    "depth file": "Tiefe",
    "mask file": "Maske",
    "hints file": "Hinweise",
    "flow file": "Fluss",
    "clip file": "Clip",
    "Blender finds no pixels in it": "Blender findet darin keine Pixel",
    "There is no image {0}.": "Es gibt kein Bild {0}.",
    "No image is chosen.": "Es ist kein Bild ausgewählt.",
    "Choose an image of this .blend.": "Ein Bild dieser .blend-Datei auswählen.",
    "The image {0} has no picture that could be written to a file.": (
        "Das Bild {0} enthält nichts, was in eine Datei geschrieben werden könnte."
    ),
    "{0} has no file of its own, and the .blend file has not been saved yet.": (
        "{0} hat keine eigene Datei, und die .blend-Datei ist noch nicht gespeichert."
    ),
    "Save the .blend first; the image is written beside it.": (
        "Zuerst die .blend-Datei speichern; das Bild wird daneben geschrieben."
    ),
    "The .blend file has not been saved yet.": "Die .blend-Datei ist noch nicht gespeichert.",
    "Save it first; the generated scene is stored beside it.": (
        "Zuerst speichern; die generierte Szene wird daneben abgelegt."
    ),
    "Save it first.": "Zuerst speichern.",
    # Cameras
    "The scene has no camera.": "Die Szene hat keine Kamera.",
    "Add a camera and make it the scene's active camera.": (
        "Eine Kamera hinzufügen und zur aktiven Kamera der Szene machen."
    ),
    "The camera {0} is {1}; only perspective cameras are supported.": (
        "Die Kamera {0} ist {1}; nur perspektivische Kameras werden unterstützt."
    ),
    "{0} is not a camera; only perspective cameras are supported.": (
        "{0} ist keine Kamera; nur perspektivische Kameras werden unterstützt."
    ),
    "orthographic": "orthografisch",
    "panoramic": "panoramisch",
    "Set the lens type of the camera to Perspective.": (
        "Den Objektivtyp der Kamera auf Perspektivisch setzen."
    ),
    "The focal length of {0} is zero at frame {1}.": (
        "Die Brennweite von {0} ist in Frame {1} null."
    ),
    "Give the camera a focal length above zero at every frame.": (
        "Der Kamera in jedem Frame eine Brennweite über null geben."
    ),
    "The scale of {0} is zero at frame {1}.": "Die Skalierung von {0} ist in Frame {1} null.",
    "Give the camera and its parents a scale other than zero at every frame.": (
        "Der Kamera und ihren Elternobjekten in jedem Frame eine Skalierung ungleich null geben."
    ),
    "The scene has no camera where the file's first one could be.": (
        "Die Szene hat keine Kamera, bei der die erste der Datei sein könnte."
    ),
    "Add a camera, or choose another place.": (
        "Eine Kamera hinzufügen oder einen anderen Ort wählen."
    ),
    "The move of {0} cannot be scaled: it {1}.": (
        "Die Fahrt von {0} lässt sich nicht skalieren: sie {1}."
    ),
    "has no keyframes": "hat keine Keyframes",
    "is moved by a constraint of {0}": "wird durch einen Constraint von {0} bewegt",
    "is moved by a driver of {0}": "wird durch einen Treiber von {0} bewegt",
    "is moved by an NLA strip of {0}": "wird durch einen NLA-Streifen von {0} bewegt",
    "is linked, as {0} is, from another file": "ist wie {0} aus einer anderen Datei verknüpft",
    "Bake it first: Object > Animation > Bake Action, with Visual Keying and Clear Constraints.": (
        "Zuerst backen: Objekt > Animation > Aktion backen, mit visuellem Keying und Entfernen der "
        "Constraints."
    ),
    # Motion
    "There is no photo to draw on.": "Es gibt kein Foto, auf dem gezeichnet werden könnte.",
    "Choose a photo first; strokes are kept in its frame.": (
        "Zuerst ein Foto auswählen; Striche beziehen sich darauf."
    ),
    "Choose a photo first.": "Zuerst ein Foto auswählen.",
    "Neither clouds nor water were found in the photo.": (
        "Im Foto wurden weder Wolken noch Wasser gefunden."
    ),
    "Draw a region around what is to move.": (
        "Einen Bereich um das zeichnen, was sich bewegen soll."
    ),
    "A stroke needs at least two points.": "Ein Strich braucht mindestens zwei Punkte.",
    "Give pixels of the photo as in '30,40 50,45'.": (
        "Pixel des Fotos wie in '30,40 50,45' angeben."
    ),
    "There is no 3D viewport to draw in.": "Es gibt keine 3D-Ansicht zum Zeichnen.",
    "Press the button in the sidebar of a 3D viewport.": (
        "Den Knopf in der Seitenleiste einer 3D-Ansicht drücken."
    ),
    "Nothing that is drawn is selected.": "Es ist nichts Gezeichnetes ausgewählt.",
    "Select curves or Grease Pencil objects, or annotate with Placement: 3D Cursor or Surface.": (
        "Kurven oder Grease-Pencil-Objekte auswählen oder mit Platzierung 3D-Cursor oder "
        "Oberfläche anmerken."
    ),
    "There is no stroke that says anything.": "Es gibt keinen Strich, der etwas sagt.",
    "Draw an arrow or a region first.": "Zuerst einen Pfeil oder einen Bereich zeichnen.",
    "The annotation is of a picture of {0} x {1} pixels, the photo has {2} x {3}.": (
        "Die Annotation gehört zu einem Bild mit {0} x {1} Pixeln, das Foto hat {2} x {3}."
    ),
    "Choose the photo that was annotated, without cropping.": (
        "Das annotierte Foto unbeschnitten auswählen."
    ),
    # Generating
    "Livescape stopped because of a fault of its own ({0}).": (
        "Livescape hat wegen eines eigenen Fehlers aufgehört ({0})."
    ),
    "Press Copy Details and report what it copies. Your scene is as it was.": (
        "„Details kopieren“ drücken und das Kopierte melden. Die Szene ist, wie sie war."
    ),
    "That generation is no longer there.": "Dieses Ergebnis gibt es nicht mehr.",
    "Press Generate.": "„Generieren“ drücken.",
    "There is nothing left to go on with in this file.": (
        "In dieser Datei gibt es nichts fortzusetzen."
    ),
    "The scene {0} is gone for which {1} was made.": (
        "Die Szene {0}, für die {1} entstand, gibt es nicht mehr."
    ),
    "Choose another scene and place it there.": "Eine andere Szene wählen und dort platzieren.",
    "What was asked for {0} can no longer be read.": (
        "Was für {0} verlangt war, ist nicht mehr lesbar."
    ),
    "Open that file and rebuild it there.": "Diese Datei öffnen und dort neu bauen.",
    # Caches, compositing, exchange, farm
    "The cache {0} beside the .blend file belongs to {1}.": (
        "Der Cache {0} neben der .blend-Datei gehört {1}."
    ),
    "Use Rebuild from Cache, or copy the right cache there.": (
        "„Aus Cache neu bauen“ verwenden oder den richtigen Cache dorthin kopieren."
    ),
    "The cache {0} is not beside the .blend file.": (
        "Der Cache {0} liegt nicht neben der .blend-Datei."
    ),
    "Copy the livescape folder next to the .blend, or generate again.": (
        "Den Ordner livescape neben die .blend-Datei kopieren oder neu generieren."
    ),
    "The cache {0} cannot be used: {1}.": "Der Cache {0} ist nicht zu gebrauchen: {1}.",
    "Generate again.": "Neu generieren.",
    "it was written by another version": "eine andere Version hat ihn geschrieben",
    "{0} cannot be read": "{0} ist nicht lesbar",
    "{0} has {1} of {2} bytes": "{0} hat {1} von {2} Bytes",
    "the content of {0} has changed": "der Inhalt von {0} hat sich geändert",
    "The cache folder {0} cannot be written: {1}.": (
        "Der Cache-Ordner {0} ist nicht beschreibbar: {1}."
    ),
    "Save the .blend in a folder that you can write to.": (
        "Die .blend-Datei in einem beschreibbaren Ordner speichern."
    ),
    "There is not enough space on the disk of {0} for the scene.": (
        "Auf dem Datenträger von {0} ist nicht genug Platz für die Szene."
    ),
    "Free some space, or use a preset with fewer Gaussians.": (
        "Platz schaffen oder eine Vorgabe mit weniger Gaussians verwenden."
    ),
    "There is not enough space on the disk for {0}.": (
        "Auf dem Datenträger ist nicht genug Platz für {0}."
    ),
    "Free some space, or choose another disk.": (
        "Platz schaffen oder einen anderen Datenträger wählen."
    ),
    "{0} cannot be written: {1}.": "{0} ist nicht beschreibbar: {1}.",
    "Choose another folder.": "Einen anderen Ordner wählen.",
    "{0} cannot be read: {1}.": "{0} ist nicht lesbar: {1}.",
    "Check the path.": "Den Pfad prüfen.",
    "The cache {0} may still be played by {1}.": (
        "Der Cache {0} wird vielleicht noch von {1} abgespielt."
    ),
    "Save this file, or delete the .blend that plays it, and find unused caches again.": (
        "Diese Datei speichern oder die .blend-Datei löschen, die ihn abspielt, und noch einmal "
        "unbenutzte Caches finden."
    ),
    "The scene has no Livescape object.": "Die Szene hat kein Livescape-Objekt.",
    "Press Generate, or Rebuild from Cache.": "„Generieren“ oder „Aus Cache neu bauen“ drücken.",
    "{0} was built by an earlier version, or its material was replaced.": (
        "{0} stammt von einer früheren Version, oder sein Material wurde ersetzt."
    ),
    "Press Rebuild from Cache.": "„Aus Cache neu bauen“ drücken.",
    "The view layer {0} belongs to a compositing set-up of Livescape.": (
        "Die Ansichtsebene {0} gehört zu einem Compositing von Livescape."
    ),
    "Choose your own view layer at the top right of the window.": (
        "Oben rechts im Fenster die eigene Ansichtsebene wählen."
    ),
    "{0} holds no Gaussian that can be shown.": "{0} enthält keinen Gaussian, der zu zeigen wäre.",
    "Export it again from the program that made it.": (
        "Aus dem Programm, das es gemacht hat, neu exportieren."
    ),
    "There is no Livescape object to export.": "Es gibt kein Livescape-Objekt zum Exportieren.",
    "Select one, or generate or import a scene.": (
        "Eines auswählen oder eine Szene generieren oder importieren."
    ),
    "There is no Livescape object in this scene.": "In dieser Szene ist kein Livescape-Objekt.",
    "Generate one first.": "Zuerst eines generieren.",
    "{0} is linked from another file.": "{0} ist aus einer anderen Datei verknüpft.",
    "Make it local, or collect the shot from that file.": (
        "Lokal machen oder die Einstellung aus jener Datei sammeln."
    ),
    "The cache of {0}, {1}, is not there.": "Der Cache von {0}, {1}, ist nicht da.",
    "Put it back, or generate the scene again.": "Zurücklegen oder die Szene neu generieren.",
    "The folder {0} holds other files.": "Der Ordner {0} enthält andere Dateien.",
    "Choose a new or an empty folder for the shot.": (
        "Einen neuen oder leeren Ordner für die Einstellung wählen."
    ),
    "The shot could not be collected: {0}.": "Die Einstellung ließ sich nicht sammeln: {0}.",
    "a second Blender ended without a result: {0}": (
        "ein zweites Blender endete ohne Ergebnis: {0}"
    ),
    "without the add-on, {0} is not the same at frame {1}: {2} of {3} corners": (
        "ohne das Add-on ist {0} in Frame {1} nicht gleich: {2} von {3} Ecken"
    ),
    "The folder is not complete; collect again when this is mended.": (
        "Der Ordner ist unvollständig; noch einmal sammeln, wenn das behoben ist."
    ),
}
