"""Operators of the work itself: photo, camera, motion, generating, rendering."""

from __future__ import annotations

WORDS: dict[str, str] = {
    # Photo
    "Choose Photo": "Foto auswählen",
    "Choose the photograph to bring to life, from its thumbnails": (
        "Das Foto, das lebendig werden soll, anhand der Vorschaubilder auswählen"
    ),
    "Relative Path": "Relativer Pfad",
    "Name the photo from where the .blend lies": "Das Foto vom Ort der .blend-Datei aus benennen",
    "Use Image": "Bild verwenden",
    "Use an image of this .blend as the photo; it is saved beside if it has no file": (
        "Ein Bild dieser .blend-Datei als Foto verwenden; ohne eigene Datei wird es daneben "
        "gespeichert"
    ),
    "Image": "Bild",
    "Name of the image": "Name des Bilds",
    "Use as Livescape Photo": "Als Livescape-Foto verwenden",
    "Use this image as the photograph to bring to life": (
        "Dieses Bild als das Foto verwenden, das lebendig werden soll"
    ),
    "Choose an image": "Ein Bild auswählen",
    "A scene is being generated": "Eine Szene wird gerade generiert",
    # Camera
    "Match Camera": "Kamera anpassen",
    "Make lens, resolution and background image those of the photo; add a camera if there is none. "
    "The photo's horizon, once it is known, sets how far the camera looks up or down": (
        "Objektiv, Auflösung und Hintergrundbild nach dem Foto richten; ohne Kamera eine "
        "hinzufügen. Der Horizont des Fotos, sobald er bekannt ist, bestimmt, wie weit die Kamera "
        "nach oben oder unten blickt"
    ),
    "Longest Side": "Längste Seite",
    "Most pixels of the long side of renders": "Höchste Pixelzahl der langen Seite beim Rendern",
    "Level": "Ausrichten",
    "Turn the camera so that its horizon is where the photo's is": (
        "Die Kamera so drehen, dass ihr Horizont dort ist, wo der des Fotos ist"
    ),
    "Choose a photo first": "Zuerst ein Foto auswählen",
    "{0}: {1} mm ({2}), {3} pixels{4}": "{0}: {1} mm ({2}), {3} Pixel{4}",
    "as the file says": "laut Datei",
    "assumed, the file does not say": "angenommen, die Datei sagt nichts",
    "; it is animated and was not turned": "; sie ist animiert und wurde nicht gedreht",
    "Check Move": "Fahrt prüfen",
    "Find out how much of each frame the photo cannot show: what was hidden in it, and what lies "
    "beyond its edge. Takes seconds": (
        "Herausfinden, wie viel jedes Frames das Foto nicht zeigen kann: was darin verdeckt war "
        "und was jenseits des Rands liegt. Dauert Sekunden"
    ),
    "Fit Path": "Pfad einpassen",
    "Scale the keyframes of the camera about the photo's frame until no frame is beyond the "
    "limit": (
        "Die Keyframes der Kamera um den Frame des Fotos skalieren, bis kein Frame die Grenze "
        "überschreitet"
    ),
    "The move is being checked": "Die Fahrt wird gerade geprüft",
    "The move fits as it is. {0}": "Die Fahrt passt, wie sie ist. {0}",
    "The move is {0} of what it was. {1}": "Die Fahrt hat {0} ihrer früheren Größe. {1}",
    "Add Move": "Fahrt hinzufügen",
    "Key a ready-made move over the frame range, about where the photo was taken. It replaces the "
    "keyframes of the camera's place and direction": (
        "Eine fertige Fahrt über den Frame-Bereich setzen, um den Ort der Aufnahme herum. Sie "
        "ersetzt die Keyframes für Ort und Richtung der Kamera"
    ),
    "Amount": "Stärke",
    "How far it goes: 1 is the move of the paper's evaluation. Negative goes back": (
        "Wie weit sie geht: 1 ist die Fahrt aus der Auswertung des Artikels. Negativ geht zurück"
    ),
    "Dolly": "Vorwärts",
    "Forward, into the picture": "Nach vorn, ins Bild hinein",
    "Side": "Seitwärts",
    "To the right, looking ahead": "Nach rechts, mit Blick nach vorn",
    "Up-Down": "Auf und ab",
    "Upwards, looking ahead; a negative amount goes down": (
        "Nach oben, mit Blick nach vorn; negative Stärke geht nach unten"
    ),
    "Zoom": "Zoom",
    "The lens grows longer; the camera stays": "Die Brennweite wächst; die Kamera bleibt stehen",
    "Circle": "Kreis",
    "Once around, forward and back, as in the paper": (
        "Einmal herum, vor und zurück, wie im Artikel"
    ),
    "Orbit": "Umkreisen",
    "Around what is in the middle of the picture": "Um das herum, was in der Bildmitte ist",
    "Cancel Check": "Prüfung abbrechen",
    "Stop checking the move. What is known from before stays": (
        "Die Fahrt nicht weiter prüfen. Was von früher bekannt ist, bleibt"
    ),
    "No move is being checked": "Es wird keine Fahrt geprüft",
    "Handheld": "Aus der Hand",
    "The small unrest of a camera in the hand": "Die leichte Unruhe einer Kamera in der Hand",
    "The scene has no camera of its own": "Die Szene hat keine eigene Kamera",
    "{0} has {1} keyframe{2}": "{0} hat {1} Keyframe{2}",
    "{0} has {1} keyframes{2}": "{0} hat {1} Keyframes{2}",
    "; the scene's size is assumed until Check Move has looked": (
        "; die Größe der Szene ist angenommen, bis „Fahrt prüfen“ nachgesehen hat"
    ),
    "Constraints of {0} still act on it": "Constraints von {0} wirken weiterhin",
    # Generate
    "Turn the photo and the camera move of this scene into a living 4D scene": (
        "Aus Foto und Kamerafahrt dieser Szene eine lebendige 4D-Szene machen"
    ),
    "A scene is already being generated": "Es wird schon eine Szene generiert",
    "Cancel": "Abbrechen",
    "Stop generating. What the viewport shows so far stays and plays; a finished scene that was "
    "there before comes back": (
        "Das Generieren beenden. Was die Ansicht bisher zeigt, bleibt und spielt; eine fertige "
        "Szene, die vorher da war, kommt zurück"
    ),
    "Nothing is being generated": "Es wird nichts generiert",
    "Copy Details": "Details kopieren",
    "Copy the error, the versions and the end of the server's log to the clipboard, without the "
    "names of your folders": (
        "Fehler, Versionen und das Ende des Serverprotokolls in die Zwischenablage kopieren, ohne "
        "die Namen der Ordner"
    ),
    "There is no error": "Es gibt keinen Fehler",
    "The details are in the clipboard": "Die Details sind in der Zwischenablage",
    "Record": "Eintrag",
    "Which of those that the panel offers; the oldest if empty": (
        "Welcher der angebotenen; der älteste, wenn leer"
    ),
    "Resume": "Fortsetzen",
    "Go on with a generation of this file that was interrupted, or place the object of one that "
    "has finished meanwhile": (
        "Ein unterbrochenes Generieren dieser Datei fortsetzen oder das Objekt eines inzwischen "
        "fertigen platzieren"
    ),
    "Discard": "Verwerfen",
    "Stop and forget a generation of this file that was interrupted. A cache that is whole "
    "stays on the disk, among the unused ones": (
        "Ein unterbrochenes Generieren dieser Datei beenden und vergessen. Ein vollständiger Cache "
        "bleibt auf dem Datenträger, bei den unbenutzten"
    ),
    "Job": "Auftrag",
    "Which of those in the list; the newest if empty": (
        "Welcher aus der Liste; der neueste, wenn leer"
    ),
    "Show": "Zeigen",
    "Let the object of this name play this generation. What it plays now stays in the list": (
        "Das Objekt dieses Namens spielt dieses Ergebnis. Was es jetzt spielt, bleibt in der Liste"
    ),
    "Use Settings Again": "Einstellungen übernehmen",
    "Fill in photo, files and settings as they were for this generation": (
        "Foto, Dateien und Einstellungen so ausfüllen, wie sie hierfür waren"
    ),
    "Delete": "Löschen",
    "Delete this generation from the list and from the disk. It cannot be undone": (
        "Dieses Ergebnis aus der Liste und vom Datenträger löschen. Nicht rückgängig zu machen"
    ),
    "Delete this generation?": "Dieses Ergebnis löschen?",
    "A .blend file in another folder may still play it. It cannot be brought back, not even by "
    "Undo.": (
        "Eine .blend-Datei in einem anderen Ordner kann es noch abspielen. Es ist nicht "
        "zurückzuholen, auch nicht durch Rückgängig."
    ),
    "Deleted, {0}": "Gelöscht, {0}",
    "Add Preset": "Vorgabe hinzufügen",
    "Keep the present settings under a name of your own, or remove them again": (
        "Die jetzigen Einstellungen unter eigenem Namen aufheben oder wieder entfernen"
    ),
    "Name of the preset, used to make the path name": (
        "Name der Vorgabe, aus dem der Dateiname wird"
    ),
    "Reset to Preset": "Auf Vorgabe zurücksetzen",
    "Set every setting to what the chosen preset says": (
        "Alle Einstellungen auf die gewählte Vorgabe setzen"
    ),
    "Rebuild from Cache": "Aus Cache neu bauen",
    "Build the active object again from the cache that it plays, or a deleted one from the newest "
    "cache of its name": (
        "Das aktive Objekt aus seinem Cache neu bauen oder ein gelöschtes aus dem neuesten Cache "
        "seines Namens"
    ),
    "Newest Cache": "Neuester Cache",
    "Play the newest cache of the name under Generate, whatever is played now": (
        "Den neuesten Cache des Namens unter „Generieren“ abspielen, was auch jetzt läuft"
    ),
    "Rebuilt {0}": "{0} neu gebaut",
    # Render
    "Prepare Render": "Rendern vorbereiten",
    "Set transparent bounces, pixel filter, samples and the Standard view transform, with which "
    "Gaussians render exactly. Every change is reported and can be restored": (
        "Transparente Sprünge, Pixelfilter, Samples und Ansichtstransformation Standard so "
        "setzen, dass Gaussians exakt gerendert werden. Jede Änderung wird gemeldet und lässt "
        "sich zurücknehmen"
    ),
    "Standard View Transform": "Ansichtstransformation Standard",
    "Show the photograph's own colours, which AgX and Filmic change": (
        "Die eigenen Farben des Fotos zeigen, die AgX und Filmic ändern"
    ),
    "Nothing needed to be changed": "Es war nichts zu ändern",
    "Samples and pixel filter are left as they are because of {0}": (
        "Samples und Pixelfilter bleiben wegen {0}, wie sie sind"
    ),
    "motion blur": "Bewegungsunschärfe",
    "depth of field": "Tiefenschärfe",
    "other objects": "anderer Objekte",
    "{0}: {1} to {2}": "{0}: von {1} auf {2}",
    "Set": "Setzen",
    "Line": "Zeile",
    "Set this as Gaussians need it. Restore Render Settings undoes it": (
        "Setzen, wie es Gaussians brauchen. „Rendern zurücksetzen“ nimmt es zurück"
    ),
    "{0}. Restore Render Settings undoes this": "{0}. „Rendern zurücksetzen“ nimmt dies zurück",
    "Use Standard View Transform": "Standard verwenden",
    "Show the photograph's own colours, which AgX and Filmic change. Restore Render Settings "
    "undoes this": (
        "Die eigenen Farben des Fotos zeigen, die AgX und Filmic ändern. „Rendern zurücksetzen“ "
        "nimmt dies zurück"
    ),
    "Restore Render Settings": "Rendern zurücksetzen",
    "Put back the render settings that Prepare Render changed": (
        "Zurücksetzen, was „Rendern vorbereiten“ an den Einstellungen geändert hat"
    ),
    "Prepare Render has not changed anything in this scene": (
        "„Rendern vorbereiten“ hat in dieser Szene nichts geändert"
    ),
    "{0} of {1} stays as it is: it {2}": "{0} von {1} bleibt: {2}",
    "is linked from another file. Change it there, or make it local.": (
        "ist aus einer anderen Datei verknüpft. Dort ändern oder lokal machen."
    ),
    "overrides one of another file. Change it by hand.": (
        "überschreibt eine aus einer anderen Datei. Von Hand ändern."
    ),
    "faces sorted": "Flächen sortiert",
    "Collect for Farm": "Für Farm sammeln",
    "Copy this .blend and its caches into a folder, check that they render without the add-on, and "
    "write the job of a render farm": (
        "Diese .blend-Datei und ihre Caches in einen Ordner kopieren, prüfen, dass sie ohne das "
        "Add-on rendern, und den Auftrag für eine Renderfarm schreiben"
    ),
    "A shot is being collected": "Es wird schon eine Einstellung gesammelt",
    "Save the .blend, with a Livescape object in its scene": (
        "Die .blend-Datei mit einem Livescape-Objekt in der Szene speichern"
    ),
    "{0} and its caches are in {1}; they render without the add-on": (
        "{0} und die Caches sind in {1}; sie rendern ohne das Add-on"
    ),
    "Show in Viewport": "In der Ansicht zeigen",
    "Choose Material Preview for this viewport, with the lights and the world of the scene: it "
    "shows the colours of renders": (
        "Für diese Ansicht die Materialvorschau mit den Lichtern und der Welt der Szene wählen: "
        "Sie zeigt die Farben, die gerendert werden"
    ),
    "Only in a 3D viewport": "Nur in einer 3D-Ansicht",
    "Blender's Own Splats": "Blenders eigene Splats",
    "Show the active object as Blender's own Gaussian splats, or as billboards again. Only "
    "billboards are exact": (
        "Das aktive Objekt als Blenders eigene Gaussian Splats zeigen oder wieder als Billboards. "
        "Nur Billboards sind exakt"
    ),
    "Needs Blender 5.3 or newer": "Braucht Blender 5.3 oder neuer",
    "The active object is not a Livescape object of this file": (
        "Das aktive Objekt ist kein Livescape-Objekt dieser Datei"
    ),
    # Compositing
    "Set Up sRGB Compositing": "sRGB-Compositing einrichten",
    "For scenes trained with sRGB blending: render the Gaussians and everything else in two view "
    "layers and combine them in the compositor. Every change is reported and can be undone": (
        "Für Szenen, die mit sRGB-Mischung trainiert sind: Gaussians und alles andere in zwei "
        "Ansichtsebenen rendern und im Compositor verbinden. Jede Änderung wird gemeldet und "
        "lässt sich zurücknehmen"
    ),
    "This scene was trained with linear blending, which is exact without this set-up": (
        "Diese Szene ist mit linearer Mischung trainiert und ohne dies schon exakt"
    ),
    "Remove sRGB Compositing": "sRGB-Compositing entfernen",
    "Remove the two view layers and their nodes, and put back what they replaced": (
        "Die beiden Ansichtsebenen und ihre Nodes entfernen und zurücksetzen, was sie ersetzt haben"
    ),
    "Add Depth Pass": "Tiefenpass hinzufügen",
    "Render the depth of Gaussians and meshes in view layers of its own. The compositor node "
    "Livescape Depth outputs it in Blender units and in metres, for fog and defocus": (
        "Die Tiefe von Gaussians und Meshes in eigenen Ansichtsebenen rendern. Die Node Livescape "
        "Depth gibt sie in Blender-Einheiten und in Metern aus, für Nebel und Unschärfe"
    ),
    "Remove Depth Pass": "Tiefenpass entfernen",
    "Remove the view layers and nodes of the depth pass": (
        "Die Ansichtsebenen und Nodes des Tiefenpasses entfernen"
    ),
    "This is not set up in the scene": "Das ist in der Szene nicht eingerichtet",
    "collection {0} dissolved": "Sammlung {0} aufgelöst",
    "{0} object moved to collection {1}": "{0} Objekt in die Sammlung {1} verschoben",
    "{0} objects moved to collection {1}": "{0} Objekte in die Sammlung {1} verschoben",
    "view layer {0} added": "Ansichtsebene {0} hinzugefügt",
    "view layer {0} removed": "Ansichtsebene {0} entfernt",
    "compositor nodes: as before": "Compositor-Nodes: wie zuvor",
    "compositor nodes: own ones, in use": "Compositor-Nodes: eigene, in Gebrauch",
    "compositor nodes: switched on, the idle ones cut off and muted": (
        "Compositor-Nodes: eingeschaltet, die ruhenden getrennt und stummgeschaltet"
    ),
    "compositor nodes: kept, there are new ones": "Compositor-Nodes: behalten, es gibt neue",
    "{0} {1}: now from {2} {3}": "{0} {1}: jetzt von {2} {3}",
    "{0} {1}: no longer fed": "{0} {1}: nicht mehr versorgt",
}
