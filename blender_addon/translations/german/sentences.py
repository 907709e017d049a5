"""What the add-on remarks and reports: nothing has failed."""

from __future__ import annotations

WORDS: dict[str, str] = {
    "Ready: {0}": "Bereit: {0}",
    "Ready: {0}, {1}": "Bereit: {0}, {1}",
    "{0}, {1} free": "{0}, {1} frei",
    "{0}, min {1}": "{0}, mindestens {1}",
    "another object": "einem anderen Objekt",
    "another generation of this object": "einem anderen Ergebnis dieses Objekts",
    "an object in this file": "einem Objekt dieser Datei",
    "the server": "der Server",
    # How a generation ended
    "{0}: {1} Gaussians, {2} moving": "{0}: {1} Gaussians, {2} bewegt",
    "Cancelled": "Abgebrochen",
    "Cancelled: {0} shows the best so far": "Abgebrochen: {0} zeigt das Beste bisher",
    "Cancelled: {0} {1}": "Abgebrochen: {0} {1}",
    "is as it was before": "ist wie zuvor",
    "shows how far this came": "zeigt, wie weit es kam",
    "The camera's Clip End cuts off part of the scene. Use Prepare Render": (
        "Das Clip-Ende der Kamera schneidet einen Teil der Szene ab. „Rendern vorbereiten“ "
        "verwenden"
    ),
    "{0} of {1} is finished. It is offered when that file is open": (
        "{0} aus {1} ist fertig. Es wird angeboten, wenn diese Datei geöffnet ist"
    ),
    "{0} was not shown: its scene is no longer open": (
        "{0} wurde nicht gezeigt: seine Szene ist nicht mehr geöffnet"
    ),
    # The camera
    "Stereoscopy is on: the scene is made for the middle of the two views, which are {0} apart. "
    "Each eye sees a little more of what the photo does not show.": (
        "Stereoskopie ist an: die Szene entsteht für die Mitte der beiden Ansichten, die {0} "
        "auseinanderliegen. Jedes Auge sieht etwas mehr von dem, was das Foto nicht zeigt."
    ),
    "{0} is mirrored by its scale or its parent's: renders show the photo the other way round. "
    "Apply the scale to have it as it is.": (
        "{0} ist durch die eigene oder die Skalierung des Elternobjekts gespiegelt: Gerendertes "
        "zeigt das Foto seitenverkehrt. Skalierung anwenden, um es zu haben, wie es ist."
    ),
    "{0} is sheared by a parent; the nearest rotation is used, and renderers differ about such "
    "cameras. Clear the parent's uneven scale.": (
        "{0} ist durch ein Elternobjekt geschert; die nächste Drehung wird benutzt, und Renderer "
        "sind sich über solche Kameras nicht einig. Ungleiche Skalierung des Elternobjekts "
        "entfernen."
    ),
    "{0} shows a Livescape elsewhere, as an instance of {1}: its splats face the camera as they do "
    "in their own place. Move the object itself, or make the instance real.": (
        "{0} zeigt ein Livescape an anderer Stelle, als Instanz von {1}: seine Splats stehen zur "
        "Kamera wie an ihrem eigenen Ort. Das Objekt selbst bewegen oder die Instanz real machen."
    ),
    # Strokes that cannot mean anything
    "{0} has no points in front of the camera and says nothing.": (
        "{0} hat keine Punkte vor der Kamera und sagt nichts."
    ),
    "{0} encloses nothing and is not used.": "{0} umschließt nichts und wird nicht verwendet.",
    "{0} is too short to have a direction and is not used.": (
        "{0} ist zu kurz für eine Richtung und wird nicht verwendet."
    ),
    "{0} lies outside the photo and is not used.": (
        "{0} liegt außerhalb des Fotos und wird nicht verwendet."
    ),
    "{0} leads out of the photo; only what lies within is used.": (
        "{0} führt aus dem Foto hinaus; nur was darin liegt, wird verwendet."
    ),
    "{0} lies in {1}, which stands; it moves nothing there.": (
        "{0} liegt in {1}, das stillsteht; dort bewegt es nichts."
    ),
    "{0} lies in no region that moves; it moves nothing there.": (
        "{0} liegt in keinem bewegten Bereich; dort bewegt es nichts."
    ),
    "{0} and {1} point against each other; between them the motion turns and slows down.": (
        "{0} und {1} zeigen gegeneinander; dazwischen dreht und verlangsamt sich die Bewegung."
    ),
}
