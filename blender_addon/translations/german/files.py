"""Import and export, and the caches."""

from __future__ import annotations

WORDS: dict[str, str] = {
    "Convert to Livescape": "In Livescape umwandeln",
    "Show Blender's own Gaussian splats of the active object, in every frame of the scene, as a "
    "Livescape object, which renders exactly. The active object is hidden": (
        "Blenders eigene Gaussian Splats des aktiven Objekts in jedem Frame der Szene als "
        "Livescape-Objekt zeigen, das exakt gerendert wird. Das aktive Objekt wird ausgeblendet"
    ),
    "The active object shows no Gaussian splats of Blender's own": (
        "Das aktive Objekt zeigt keine Gaussian Splats von Blender selbst"
    ),
    "{0} does not show Blender's own Gaussian splats: {1}.": (
        "{0} zeigt keine Gaussian Splats von Blender selbst: {1}."
    ),
    "it shows no points": "es zeigt keine Punkte",
    "its points have no {0}": "seine Punkte haben kein {0}",
    "its {0} is {1} of the {2}": "sein {0} ist {1} je {2}",
    "Choose points with radiance:base, scale and rotation that the viewport shows.": (
        "Punkte mit radiance:base, scale und rotation auswählen, die der Viewport zeigt."
    ),
    "livescape convert, on the command line, says more.": (
        "livescape convert auf der Kommandozeile sagt mehr."
    ),
    "the backend made nothing of it": "das Backend hat nichts daraus gemacht",
    "the backend takes too long for it": "das Backend braucht zu lange dafür",
    "the backend cannot be started: {0}": "das Backend lässt sich nicht starten: {0}",
    "the backend gave up": "das Backend hat aufgegeben",
    "The picture {0} cannot be read: Blender finds no pixels in it.": (
        "Das Bild {0} kann nicht gelesen werden: Blender findet keine Pixel darin."
    ),
    "Save it as PNG, TIFF or OpenEXR.": "Als PNG, TIFF oder OpenEXR speichern.",
    "Import Splats": "Splats importieren",
    "Show a 3D Gaussian Splatting file as a Livescape object": (
        "Eine 3D-Gaussian-Splatting-Datei als Livescape-Objekt zeigen"
    ),
    "Let Blender go on meanwhile, instead of waiting for the object": (
        "Blender inzwischen weiterarbeiten lassen, statt auf das Objekt zu warten"
    ),
    "A file is being imported": "Eine Datei wird importiert",
    "Nothing is being imported": "Es wird nichts importiert",
    "Cancel Import": "Import abbrechen",
    "Stop importing; nothing of it stays": "Den Import beenden; nichts davon bleibt",
    "Reading": "Liest",
    "Storing": "Speichert",
    "Waits for Object Mode": "Wartet auf den Objektmodus",
    "Waits for the render": "Wartet auf das Rendern",
    "Waits for the tool in use": "Wartet auf das Werkzeug",
    "The scene is gone into which {0} was to be imported.": (
        "Die Szene ist nicht mehr da, in die {0} importiert werden sollte."
    ),
    "Import it into another scene.": "In eine andere Szene importieren.",
    "{0} is gone, which was to be converted.": (
        "{0} ist nicht mehr da und sollte umgewandelt werden."
    ),
    "Undo its deletion, and convert it again.": (
        "Das Löschen rückgängig machen und es noch einmal umwandeln."
    ),
    "Numbered Files Are Frames": "Nummerierte Dateien sind Frames",
    "Files beside this one that differ by a number are its further frames": (
        "Dateien daneben, die sich durch eine Zahl unterscheiden, sind weitere Frames"
    ),
    "Axes": "Achsen",
    "Axes of the file": "Achsen der Datei",
    "Axes of a PLY; the other formats have their own": (
        "Achsen einer PLY; die anderen Formate haben eigene"
    ),
    "Y Down (3DGS)": "Y nach unten (3DGS)",
    "x right, y down, z into the picture: what 3DGS tools write": (
        "x rechts, y nach unten, z ins Bild: was 3DGS-Programme schreiben"
    ),
    "Y Up": "Y nach oben",
    "x right, y up, z out of the picture: OpenGL and glTF": (
        "x rechts, y nach oben, z aus dem Bild: OpenGL und glTF"
    ),
    "Z Up (Blender)": "Z nach oben (Blender)",
    "As the world of Blender is": "Wie die Welt in Blender",
    "As Stated": "Wie angegeben",
    "What the file states; where it states none, Y down": (
        "Was die Datei angibt; gibt sie nichts an, Y nach unten"
    ),
    "{0}: {1} Gaussian{2}": "{0}: {1} Gaussian{2}",
    "{0}: {1} Gaussians{2}": "{0}: {1} Gaussians{2}",
    " in {0} frames": " in {0} Frames",
    ", view-dependent colour of degree {0}": ", blickabhängige Farbe vom Grad {0}",
    "; {0} with impossible values were left out": "; {0} mit unmöglichen Werten ausgelassen",
    ", of which {0} is missing and made of its neighbours": (
        ", von denen {0} fehlt und aus den benachbarten gebildet ist"
    ),
    ", of which {0} are missing and made of their neighbours": (
        ", von denen {0} fehlen und aus den benachbarten gebildet sind"
    ),
    "; {0} that move have one colour from all sides": (
        "; {0} bewegte haben von allen Seiten dieselbe Farbe"
    ),
    "; moved by -({0}), which {1} keeps, for single precision": (
        "; um -({0}) verschoben, was {1} behält, wegen einfacher Genauigkeit"
    ),
    "Export Splats": "Splats exportieren",
    "Write what Livescape objects show, in world space, for use in other programs": (
        "Schreiben, was Livescape-Objekte zeigen, in Weltkoordinaten, für andere Programme"
    ),
    "Format": "Format",
    "PLY": "PLY",
    "What every splat program reads; one file per frame": (
        "Was jedes Splat-Programm liest; eine Datei pro Frame"
    ),
    "SPZ": "SPZ",
    "A tenth of the size, less precise; one file per frame": (
        "Ein Zehntel der Größe, weniger genau; eine Datei pro Frame"
    ),
    "Compressed PLY": "Komprimierte PLY",
    "A quarter of the size, less precise, for SuperSplat; one file per frame": (
        "Ein Viertel der Größe, weniger genau, für SuperSplat; eine Datei pro Frame"
    ),
    "glTF": "glTF",
    "KHR_gaussian_splatting in a .glb; one file per frame": (
        "KHR_gaussian_splatting in einer .glb; eine Datei pro Frame"
    ),
    "OpenUSD": "OpenUSD",
    "One file with time samples; needs OpenUSD's Python library": (
        "Eine Datei mit Zeit-Samples; braucht die Python-Bibliothek von OpenUSD"
    ),
    "Frames": "Frames",
    "Current Frame": "Aktueller Frame",
    "What is shown at the current frame": "Was beim aktuellen Frame zu sehen ist",
    "Frame Range": "Frame-Bereich",
    "Every frame of the scene's range": "Jeder Frame im Bereich der Szene",
    "Selection Only": "Nur Auswahl",
    "Leave out objects that are not selected": "Nicht ausgewählte Objekte auslassen",
    "Wrote {0}": "{0} geschrieben",
    "Wrote {0} to {1}": "{0} bis {1} geschrieben",
    # Cameras
    "Import Cameras": "Kameras importieren",
    "Key a new camera as a file says: transforms.json of nerfstudio, a COLMAP model, "
    "trajectory.npz or a camera path of Livescape": (
        "Eine neue Kamera nach einer Datei mit Keyframes versehen: transforms.json von "
        "nerfstudio, ein COLMAP-Modell, trajectory.npz oder ein Kamerapfad von Livescape"
    ),
    "As in the File": "Wie in der Datei",
    "The file's world has Z up, as nerfstudio's and Livescape's": (
        "In der Datei zeigt Z nach oben, wie bei nerfstudio und Livescape"
    ),
    "Y Down": "Y nach unten",
    "The file's world has Y down, as COLMAP's mostly has": (
        "In der Datei zeigt Y nach unten, wie meistens bei COLMAP"
    ),
    "At the Scene's Camera": "Bei der Kamera der Szene",
    "The first camera is where the scene's is now": (
        "Die erste Kamera ist, wo die der Szene jetzt ist"
    ),
    "Scale": "Skalierung",
    "Metres of the file's unit; COLMAP and nerfstudio have none of their own": (
        "Meter je Einheit der Datei; COLMAP und nerfstudio haben keine eigene"
    ),
    "Frame Range and Resolution": "Frame-Bereich und Auflösung",
    "Let the scene have the frames and the size of the file's pictures": (
        "Der Szene Frames und Größe der Bilder der Datei geben"
    ),
    "{0}: {1} frame": "{0}: {1} Frame",
    "{0}: {1} frames": "{0}: {1} Frames",
    "The file's pictures differ in size; the scene has that of the first.": (
        "Die Bilder der Datei sind verschieden groß; die Szene hat die Größe des ersten."
    ),
    "Export Camera Path": "Kamerapfad exportieren",
    "Write the camera of every frame for the command line or another program": (
        "Die Kamera jedes Frames für die Befehlszeile oder ein anderes Programm schreiben"
    ),
    "Who is to read the file. A COLMAP model is a folder": (
        "Wer die Datei lesen soll. Ein COLMAP-Modell ist ein Ordner"
    ),
    "Livescape (.json)": "Livescape (.json)",
    "nerfstudio (transforms.json)": "nerfstudio (transforms.json)",
    "COLMAP (text)": "COLMAP (Text)",
    "Trajectory (.npz)": "Trajektorie (.npz)",
    "Wrote {0} camera to {1}": "{0} Kamera nach {1} geschrieben",
    "Wrote {0} cameras to {1}": "{0} Kameras nach {1} geschrieben",
    # What Blender's own file dialogs ask, which are part of ours
    "File Path": "Dateipfad",
    "Filepath used for importing the file": "Pfad der Datei, die importiert wird",
    "Filepath used for exporting the file": "Pfad der Datei, die exportiert wird",
    "Check Existing": "Vorhandene prüfen",
    "Check and warn on overwriting existing files": "Vor dem Überschreiben von Dateien warnen",
    # Caches
    "Find Unused Caches": "Unbenutzte Caches finden",
    "List the caches beside this file that nothing in it plays any more, with their sizes, and "
    "which other .blend files of this folder may play them": (
        "Die Caches neben dieser Datei auflisten, die nichts in ihr mehr abspielt, mit ihrer Größe "
        "und den .blend-Dateien dieses Ordners, die sie vielleicht abspielen"
    ),
    "Remove Unused Cache": "Unbenutzten Cache entfernen",
    "Delete this cache from the disk. This cannot be undone": (
        "Diesen Cache vom Datenträger löschen. Das lässt sich nicht rückgängig machen"
    ),
    "Folder": "Ordner",
    "{0} unused cache, {1}": "{0} unbenutzter Cache, {1}",
    "{0} unused caches, {1}": "{0} unbenutzte Caches, {1}",
    "No unused caches": "Keine unbenutzten Caches",
    "Delete {0}?": "{0} löschen?",
    "Deleted {0}, {1}": "{0} gelöscht, {1}",
}
