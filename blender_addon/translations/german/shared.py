"""Errors that add-on and backend have in common, as far as the add-on makes them."""

from __future__ import annotations

WORDS: dict[str, str] = {
    # Annotations
    "The annotation has no list of shapes, or the list is far too long.": (
        "Die Annotation hat keine Liste von Formen, oder die Liste ist viel zu lang."
    ),
    "The annotation has neither a polygon that moves or stands nor a hint line.": (
        "Die Annotation hat weder ein bewegtes oder ruhendes Polygon noch eine Hinweislinie."
    ),
    "Label polygons 'motion' or 'still' and two-point lines 'hint'.": (
        "Polygone mit 'motion' oder 'still' und Linien aus zwei Punkten mit 'hint' beschriften."
    ),
    "Save the annotation with labelme as JSON.": "Die Annotation mit labelme als JSON speichern.",
    "The annotation is not a JSON file.": "Die Annotation ist keine JSON-Datei.",
    "The annotation is not a JSON object.": "Die Annotation ist kein JSON-Objekt.",
    "The annotation's {0} is {1}, which is not an image size.": (
        "{0} der Annotation ist {1}, und das ist keine Bildgröße."
    ),
    "The points of shape {0} are not pairs of numbers.": (
        "Die Punkte der Form {0} sind keine Zahlenpaare."
    ),
    "The shape {0} is not a polygon of at least 3 points near the image.": (
        "Die Form {0} ist kein Polygon aus mindestens 3 Punkten nahe dem Bild."
    ),
    "The shape {0} is not a line of 2 points near the image.": (
        "Die Form {0} ist keine Linie aus 2 Punkten nahe dem Bild."
    ),
    # Files of other programs
    "The cameras of {0} cannot be read: {1}.": "Die Kameras von {0} sind nicht lesbar: {1}.",
    "Livescape reads transforms.json and camera_path.json of nerfstudio, COLMAP models, "
    "trajectory.npz and its own camera paths.": (
        "Livescape liest transforms.json und camera_path.json von nerfstudio, COLMAP-Modelle, "
        "trajectory.npz und eigene Kamerapfade."
    ),
    "The file has no cameras.": "Die Datei enthält keine Kameras.",
    "{0} has no suffix of a splat file.": "{0} hat keine Endung einer Splat-Datei.",
    "End the name in one of {0}.": "Den Namen auf eines von {0} enden lassen.",
    "{0} is not a readable {1} file: {2}.": "{0} ist keine lesbare {1}-Datei: {2}.",
    "Export it again, or as PLY, from the program that made it.": (
        "Aus dem Programm, das sie gemacht hat, neu oder als PLY exportieren."
    ),
    "Splats are read from {0}.": "Splats werden aus {0} gelesen.",
    "{0} lasts {1} seconds, more than {2} frames.": "{0} dauert {1} Sekunden, mehr als {2} Frames.",
    "Import a shorter scene.": "Eine kürzere Szene importieren.",
    "{0} holds no Gaussian in any frame.": "{0} enthält in keinem Frame einen Gaussian.",
    "{0} changes so much from frame to frame that {1} Gaussians would have to be kept for {2} "
    "frames.": (
        "{0} ändert sich von Frame zu Frame so sehr, dass {1} Gaussians für {2} Frames behalten "
        "werden müssten."
    ),
    "Import fewer frames, or a file whose rows correspond from frame to frame.": (
        "Weniger Frames importieren oder eine Datei, deren Zeilen sich von Frame zu Frame "
        "entsprechen."
    ),
    # Servers
    "The file {0} of the Livescape server cannot be read.": (
        "Die Datei {0} des Livescape-Servers ist nicht lesbar."
    ),
    "Stop the server, delete the file and start the server again.": (
        "Den Server beenden, die Datei löschen und den Server neu starten."
    ),
    "The server {0} cannot be reached.": "Der Server {0} ist nicht erreichbar.",
    "Check that it runs, and the network or the tunnel to it.": (
        "Prüfen, ob er läuft, und das Netzwerk oder den Tunnel zu ihm."
    ),
    "The server {0} does not know this computer.": "Der Server {0} kennt diesen Rechner nicht.",
    "Pair again, with a new line from `livescape pair` on the server's machine.": (
        "Neu koppeln, mit einer neuen Zeile von `livescape pair` auf dem Rechner des Servers."
    ),
    "The program at the address of {0} is not the server that was paired.": (
        "Das Programm unter der Adresse von {0} ist nicht der gekoppelte Server."
    ),
    "Nothing was sent to it. If the server was set up anew, pair again.": (
        "Es wurde nichts gesendet. Wurde der Server neu eingerichtet, neu koppeln."
    ),
    "The server {0} does not know this line, or no longer.": (
        "Der Server {0} kennt diese Zeile nicht oder nicht mehr."
    ),
    "Make a new one on the server's machine with: livescape pair": (
        "Auf dem Rechner des Servers eine neue machen: livescape pair"
    ),
    "This is not the line by which a Livescape server introduces itself: {0}.": (
        "Das ist nicht die Zeile, mit der sich ein Livescape-Server vorstellt: {0}."
    ),
    "Copy the whole line that `livescape pair` prints on the server's machine.": (
        "Die ganze Zeile kopieren, die `livescape pair` auf dem Rechner des Servers ausgibt."
    ),
    "{0} has no port": "{0} hat keinen Port",
    "it is not of the form livescape://ADDRESS:PORT/KEY/SECRET": (
        "sie hat nicht die Form livescape://ADDRESS:PORT/KEY/SECRET"
    ),
    "one of its keys is not whole": "einer ihrer Schlüssel ist unvollständig",
    "The keys in {0} are not used: {1}.": "Die Schlüssel in {0} werden nicht benutzt: {1}.",
    "Delete the file and pair again: new keys are made.": (
        "Die Datei löschen und neu koppeln: es entstehen neue Schlüssel."
    ),
    "it is not a file": "es ist keine Datei",
    "others can read it, or it belongs to someone else": (
        "andere können sie lesen, oder sie gehört jemand anderem"
    ),
    "There is no computer called {0} in the network.": (
        "Im Netzwerk gibt es keinen Rechner namens {0}."
    ),
    "Check the name, and the network.": "Den Namen und das Netzwerk prüfen.",
    "There is no paired server called {0}.": "Es gibt keinen gekoppelten Server namens {0}.",
    "Choose one of: {0}.": "Eines davon wählen: {0}.",
    "Pair with a server first.": "Zuerst mit einem Server koppeln.",
    # Cameras
    "The camera has a value that is not a finite number.": (
        "Die Kamera hat einen Wert, der keine endliche Zahl ist."
    ),
    "Check the camera's lens, scale and animation.": (
        "Objektiv, Skalierung und Animation der Kamera prüfen."
    ),
    "The camera's image size {0} x {1} is impossible.": (
        "Die Bildgröße {0} x {1} der Kamera ist unmöglich."
    ),
    "{0} frames per second is impossible.": "{0} Frames pro Sekunde sind unmöglich.",
    "Set the frame rate of the scene.": "Die Framerate der Szene setzen.",
    "A path of {0} frames is over the limit of {1}.": (
        "Ein Pfad von {0} Frames überschreitet die Grenze von {1}."
    ),
    "Set the frame range of the scene and keyframe the camera.": (
        "Den Frame-Bereich der Szene setzen und die Kamera mit Keyframes versehen."
    ),
}
