"""Headings of panels and what stands in them besides buttons and properties."""

from __future__ import annotations

WORDS: dict[str, str] = {
    "Photo": "Foto",
    "Camera": "Kamera",
    "Move": "Fahrt",
    "Motion": "Bewegung",
    "Generate": "Generieren",
    "Settings": "Einstellungen",
    "Jobs": "Aufträge",
    "Render": "Rendern",
    "Compositing": "Compositing",
    "Object": "Objekt",
    "Import and Export": "Import und Export",
    "Import and Export Cameras": "Kameras importieren und exportieren",
    "Depth and Motion Files": "Dateien für Tiefe und Bewegung",
    "Unused Caches": "Unbenutzte Caches",
    "Server": "Server",
    "Own Presets": "Eigene Vorgaben",
    "Livescape": "Livescape",
    "Livescape Splats": "Livescape-Splats",
    "Livescape Photo": "Livescape-Foto",
    "Livescape Splats (.ply/.spz/.sog/...)": "Livescape-Splats (.ply/.spz/.sog/...)",
    "Livescape Splats (.ply/.spz/.glb/.usd)": "Livescape-Splats (.ply/.spz/.glb/.usd)",
    # The backend line and progress
    "Looking for the backend": "Backend wird gesucht",
    "Cancelling": "Wird abgebrochen",
    "Still needed": "Es fehlt noch",
    "Takes about {0} of memory, up to {1} of disk": (
        "Braucht etwa {0} Arbeitsspeicher, bis zu {1} auf der Festplatte"
    ),
    "Memory may run out: this takes about {0}, and {1} are free. "
    "Choose a smaller Photo Size or fewer Training Views.": (
        "Der Arbeitsspeicher reicht vielleicht nicht: Gebraucht werden etwa {0}, frei sind {1}. "
        "Eine kleinere Fotogröße oder weniger Trainingsansichten wählen."
    ),
    "The disk may fill up: this takes up to {0}, and {1} are free. "
    "Choose fewer Gaussians or frames, or remove unused caches.": (
        "Die Festplatte wird vielleicht voll: Gebraucht werden bis zu {0}, frei sind {1}. "
        "Weniger Gaussians oder Frames wählen oder unbenutzte Caches entfernen."
    ),
    "{0} passed": "{0} vergangen",
    "For {0}, which is not open": "Für {0}, das nicht geöffnet ist",
    "{0}, begun at {1}, failed: {2}": "{0}, begonnen um {1}, ist fehlgeschlagen: {2}",
    "{0} for the scene {1}, begun at {2}, has finished": (
        "{0} für die Szene {1}, begonnen um {2}, ist fertig"
    ),
    "{0} for the scene {1} is being made in another Blender": (
        "{0} für die Szene {1} entsteht in einem anderen Blender"
    ),
    "It was begun in {0}, which is no longer there": (
        "Begonnen wurde es in {0}, das nicht mehr da ist"
    ),
    "A Blender on {0} may still be at it": ("Vielleicht arbeitet ein Blender auf {0} noch daran"),
    "{0} for the scene {1}, begun at {2}, was interrupted": (
        "{0} für die Szene {1}, begonnen um {2}, wurde unterbrochen"
    ),
    "Save As": "Speichern unter",
    "Place": "Platzieren",
    "Choose": "Auswählen",
    # Stages
    "Waiting for its turn": "Wartet, bis die Reihe kommt",
    "Loading the backend": "Backend wird geladen",
    "Reading the request": "Auftrag wird gelesen",
    "First look": "Erster Blick",
    "Reading the photo": "Foto wird gelesen",
    "Finding sky, water and ground": "Himmel, Wasser und Boden finden",
    "Estimating depth": "Tiefe schätzen",
    "Filling what is hidden": "Verdecktes füllen",
    "Finding motion": "Bewegung finden",
    "Motion in space": "Bewegung im Raum",
    "Placing Gaussians": "Gaussians setzen",
    "Views to fit to": "Ansichten zum Anpassen",
    "Fitting to the photo": "An das Foto anpassen",
    "Animating the photo": "Foto animieren",
    "Learning the motion": "Bewegung lernen",
    "Checking the scene": "Szene prüfen",
    "Finishing": "Abschließen",
    "Writing the scene": "Szene schreiben",
    "Receiving the scene": "Szene empfangen",
    "Starting": "Startet",
    "Waiting": "Wartet",
    "Loading": "Lädt",
    "Starting the server": "Server wird gestartet",
    "Starting the server again": "Server wird neu gestartet",
    "The server does not answer": "Der Server antwortet nicht",
    "The server has stopped": "Der Server wurde beendet",
    "Building the object": "Objekt wird gebaut",
    "Finished: waits for Object Mode": "Fertig: wartet auf den Objektmodus",
    "Finished: waits for the render": "Fertig: wartet auf das Rendern",
    "Finished: waits for the tool in use": "Fertig: wartet auf das Werkzeug",
    "a few seconds left": "noch ein paar Sekunden",
    "about {0} s left": "noch etwa {0} s",
    "about {0} min left": "noch etwa {0} min",
    "about {0} h {1} min left": "noch etwa {0} h {1} min",
    # Photo and camera
    "The scene has no camera": "Die Szene hat keine Kamera",
    "{0}, frames {1} to {2}": "{0}, Frames {1} bis {2}",
    "The frame shows {0} of the photo; the rest lies {1} and is seen on the way": (
        "Das Bild zeigt {0} des Fotos; der Rest liegt {1} und ist unterwegs zu sehen"
    ),
    "above and below": "darüber und darunter",
    "at both sides": "an beiden Seiten",
    "Looking at the photo and the move": "Foto und Fahrt werden angesehen",
    "The camera has moved since": "Die Kamera wurde seitdem bewegt",
    "Frame {0}: {1} % missing": "Frame {0}: {1} % fehlen",
    "The photo shows all of every frame": "Das Foto zeigt jeden Frame ganz",
    "At most {0} % of a frame (frame {1}) is not in the photo: {2} % invented, {3} % empty": (
        "Höchstens {0} % eines Frames (Frame {1}) fehlt im Foto: {2} % erfunden, {3} % leer"
    ),
    "At most {0} % of a frame (frame {1}) is not in the photo: "
    "{2} % hidden, {3} % beyond its edge": (
        "Höchstens {0} % eines Frames (Frame {1}) fehlt im Foto: "
        "{2} % verdeckt, {3} % jenseits des Rands"
    ),
    "Not in the photo at {0}: {1} % hidden, {2} % beyond the edge": (
        "Nicht im Foto bei {0}: {1} % verdeckt, {2} % jenseits des Rands"
    ),
    "Not in the photo at {0}: {1} % invented, {2} % empty": (
        "Nicht im Foto bei {0}: {1} % erfunden, {2} % leer"
    ),
    # Motion
    "Draw Arrow": "Pfeil zeichnen",
    "Draw Moving Region": "Bewegten Bereich zeichnen",
    "Draw Standing Region": "Ruhenden Bereich zeichnen",
    "The photo is not behind the camera. Match Camera puts it there": (
        "Das Foto liegt nicht hinter der Kamera. „Kamera anpassen“ legt es dorthin"
    ),
    "Motion is drawn, so the file of hints is not used. It can be imported instead": (
        "Bewegung ist gezeichnet, deshalb wird die Datei mit Hinweisen nicht verwendet. "
        "Sie kann stattdessen importiert werden"
    ),
    "and {0} more": "und {0} weitere",
    "Asking the server": "Server wird gefragt",
    "Nothing moves in this photo": "In diesem Foto bewegt sich nichts",
    # Generate, jobs, caches
    "{0}, edited": "{0}, geändert",
    "Nothing has been generated for this file": "Für diese Datei wurde noch nichts generiert",
    "and {0} older one": "und {0} älterer",
    "and {0} older ones": "und {0} ältere",
    "{0} px, {1} Gaussians": "{0} px, {1} Gaussians",
    "took {0}": "Dauer {0}",
    "cancelled, coarse": "abgebrochen, grob",
    "failed, coarse": "fehlgeschlagen, grob",
    "Everything is in use": "Alles wird benutzt",
    "Never finished": "Nie fertig geworden",
    "May be played by {0}": "Wird vielleicht von {0} abgespielt",
    "A .blend file in another folder may still play these; it is not searched.": (
        "Eine .blend-Datei in einem anderen Ordner kann sie noch abspielen; dort wird nicht "
        "gesucht."
    ),
    # Render and the object
    "Transparent Bounces": "Transparente Sprünge",
    "Too few flatten what lies behind many layers": (
        "Zu wenige lassen flach werden, was hinter vielen Schichten liegt"
    ),
    "Samples": "Samples",
    "Others than these soften Gaussians, or leave meshes rough": (
        "Andere als diese machen Gaussians weich oder lassen Meshes rau"
    ),
    "View Transform": "Ansichtstransformation",
    "Any but Standard changes the photo's colours": (
        "Jede andere als Standard ändert die Farben des Fotos"
    ),
    "Clip End": "Clip-Ende",
    "Too near a clip end cuts the sky off": "Ein zu nahes Clip-Ende schneidet den Himmel ab",
    "Motion Blur": "Bewegungsunschärfe",
    "Too few steps bend paths, or do not blur in EEVEE": (
        "Zu wenige Schritte verbiegen Bahnen oder verwischen in EEVEE nichts"
    ),
    "Objects": "Objekte",
    "Otherwise Gaussians light and shadow meshes, or have grain": (
        "Sonst beleuchten und beschatten Gaussians die Meshes oder rauschen"
    ),
    "on": "ein",
    "off": "aus",
    "not set for Gaussians: {0}": "nicht für Gaussians eingestellt: {0}",
    "Not set for Gaussians: {0}": "Nicht für Gaussians eingestellt: {0}",
    "The last render: {0}": "Letztes Rendern: {0}",
    "{0} changes the photo's colours": "{0} ändert die Farben des Fotos",
    "This viewport's shading does not show the scene": (
        "Die Schattierung dieser Ansicht zeigt die Szene nicht"
    ),
    "{0} moves in frames {1} to {2} only and stands still in the others. To fill the frame range, "
    "generate again, or with Loop on.": (
        "{0} bewegt sich nur in den Frames {1} bis {2} und steht in den übrigen still. Um den "
        "Frame-Bereich zu füllen, neu generieren oder die Schleife einschalten."
    ),
    "Moves in frames {0} to {1}": "Bewegt sich in den Frames {0} bis {1}",
    "Show as Billboards": "Als Billboards zeigen",
    "Start Frame": "Start-Frame",
    "Splats Shown": "Splats",
    "Exact in Viewport": "Exakt zeigen",
    "Frame of the scene that shows the photograph": "Frame der Szene, der das Foto zeigt",
    "Number of frames after which the motion repeats or, if it does not, ends": (
        "Anzahl der Frames, nach denen sich die Bewegung wiederholt oder sonst endet"
    ),
    "Speed of the motion: 1 is as generated, 2 twice as fast": (
        "Geschwindigkeit der Bewegung: 1 ist wie generiert, 2 doppelt so schnell"
    ),
    "Whether the motion was made to repeat. If not, it plays once and then stands still": (
        "Ob sich die Bewegung wiederholt. Wenn nicht, läuft sie einmal ab und steht dann still"
    ),
    "Roughly how many Gaussians the viewport shows at most. Renders always show all of them": (
        "Wie viele Gaussians die Ansicht ungefähr höchstens zeigt. Beim Rendern sind es immer alle"
    ),
    "Draw in the viewport all that renders draw, wherever it looks from. Looks right only through "
    "the active camera": (
        "In der Ansicht alles zeichnen, was auch gerendert wird, von wo aus sie auch schaut. "
        "Sieht nur durch die aktive Kamera richtig aus"
    ),
    "Trained in sRGB: exact only with this set up": (
        "In sRGB trainiert: nur damit eingerichtet exakt"
    ),
    "Collecting the shot": "Einstellung wird gesammelt",
}
