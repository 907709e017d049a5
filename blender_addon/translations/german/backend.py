"""Setting the backend up, the servers and the preferences."""

from __future__ import annotations

WORDS: dict[str, str] = {
    # How it stands
    "Not set up": "Nicht eingerichtet",
    "Another Blender is setting up": "Ein anderes Blender richtet ein",
    "another build": "ein anderer Stand",
    "Other version: {0} is set up, {1} is needed": (
        "Andere Version: {0} ist eingerichtet, {1} wird gebraucht"
    ),
    "Other version: {0} runs, {1} is needed": "Andere Version: {0} läuft, {1} wird gebraucht",
    "Other version: {0} on {1}, {2} here": "Andere Version: {0} auf {1}, {2} hier",
    "Ready: {0}starts with Generate": "Bereit: {0}startet mit „Generieren“",
    "Ready: starts with Generate": "Bereit: startet mit „Generieren“",
    "Ready": "Bereit",
    "running": "läuft",
    "Computing": "Rechnet",
    "Computing on {0}": "Rechnet auf {0}",
    "Connecting": "Verbindet",
    "Connecting to {0}": "Verbindet mit {0}",
    "{0} free": "{0} frei",
    "The Python that you named is not there": "Das angegebene Python ist nicht da",
    "The Python that the backend needs is gone": "Das Python des Backends ist verschwunden",
    "Setting up was interrupted": "Das Einrichten wurde unterbrochen",
    "{0}: online access is off": "{0}: Online-Zugriff ist aus",
    "Update": "Aktualisieren",
    "Change": "Ändern",
    "Repair": "Reparieren",
    "Continue": "Weiter",
    "Restart": "Neu starten",
    "Try Again": "Erneut versuchen",
    "Allow Online Access": "Online-Zugriff erlauben",
    # Set Up
    "Set Up": "Einrichten",
    "Install what computes the scenes into a folder of the add-on. Size and licences are shown "
    "first; Blender's own Python is left alone": (
        "Was die Szenen berechnet, in einen Ordner des Add-ons installieren. Größe und Lizenzen "
        "werden vorher gezeigt; Blenders eigenes Python bleibt unberührt"
    ),
    "The backend is being set up or removed already": (
        "Das Backend wird schon eingerichtet oder entfernt"
    ),
    "Set Up the Livescape Backend": "Livescape-Backend einrichten",
    "Computes on: {0}": "Rechnet auf: {0}",
    "{0} with CUDA": "{0} mit CUDA",
    "To download: {0}": "Herunterzuladen: {0}",
    "On the disk: about {0}": "Auf dem Datenträger: etwa {0}",
    "about {0}": "etwa {0}",
    "nothing": "nichts",
    "From {0}": "Von {0}",
    "To {0}": "Nach {0}",
    "the folder {0}": "dem Ordner {0}",
    "the folder {0} and {1}": "dem Ordner {0} und {1}",
    "PyPI and PyTorch": "PyPI und PyTorch",
    "Blender's online access is off. Allow it, or choose a folder of wheels.": (
        "Blenders Online-Zugriff ist aus. Erlauben oder einen Ordner mit Wheels wählen."
    ),
    "Licences": "Lizenzen",
    "Livescape: GPL-3.0-or-later": "Livescape: GPL-3.0-or-later",
    "Python (if none is found): PSF-2.0": "Python (wenn keines da ist): PSF-2.0",
    "PyTorch, NumPy, Numba, OpenEXR, pyzmq: BSD": "PyTorch, NumPy, Numba, OpenEXR, pyzmq: BSD",
    "OpenCV: Apache-2.0; Pillow: MIT-CMU; PyAV: BSD, with FFmpeg LGPL-2.1-or-later": (
        "OpenCV: Apache-2.0; Pillow: MIT-CMU; PyAV: BSD, mit FFmpeg LGPL-2.1-or-later"
    ),
    "CUDA libraries: NVIDIA's licence; gsplat: Apache-2.0": (
        "CUDA-Bibliotheken: Lizenz von NVIDIA; gsplat: Apache-2.0"
    ),
    "transformers, diffusers, huggingface-hub: Apache-2.0; ONNX Runtime: MIT": (
        "transformers, diffusers, huggingface-hub: Apache-2.0; ONNX Runtime: MIT"
    ),
    "Looking at this computer": "Rechner wird untersucht",
    "Looking for Python": "Python wird gesucht",
    "Installing packages": "Pakete werden installiert",
    "Checking": "Wird geprüft",
    "Preparing the graphics card": "Grafikkarte wird vorbereitet",
    "Removing": "Wird entfernt",
    "Listing the networks": "Netze werden aufgelistet",
    "Fetching {0}": "{0} wird geholt",
    "Cancelled. What has arrived is kept for the next time": (
        "Abgebrochen. Was angekommen ist, bleibt für das nächste Mal"
    ),
    "{0} is fetched": "{0} ist geholt",
    "{0} is not used, since gsplat needs {1}: {2}": (
        "{0} wird nicht benutzt, da gsplat {1} braucht: {2}"
    ),
    "nvcc and a C++ compiler": "nvcc und einen C++-Compiler",
    "CUDA and Visual C++": "CUDA und Visual C++",
    "Remove": "Entfernen",
    "Delete the backend that was set up here. Scenes and networks stay": (
        "Das hier eingerichtete Backend löschen. Szenen und Netze bleiben"
    ),
    "Stop. What was there before stays in use, and what has arrived is kept": (
        "Aufhören. Was vorher da war, bleibt in Gebrauch; was angekommen ist, bleibt erhalten"
    ),
    "Open Log": "Protokoll öffnen",
    "Open the log as a text file": "Das Protokoll als Textdatei öffnen",
    "Last Work": "Letzter Vorgang",
    "There is no log yet": "Es gibt noch kein Protokoll",
    "The log is {0}": "Das Protokoll ist {0}",
    "Log of Set Up": "Protokoll des Einrichtens",
    "Log of Server": "Protokoll des Servers",
    "Copy the error, the versions and the end of the log to the clipboard, without the names of "
    "your folders": (
        "Fehler, Versionen und das Ende des Protokolls in die Zwischenablage kopieren, ohne die "
        "Namen der Ordner"
    ),
    "Livescape {0} is set up here: {1}": "Livescape {0} ist hier eingerichtet: {1}",
    "Done": "Fertig",
    # Networks
    "List": "Auflisten",
    "List the networks with size and licence": "Die Netze mit Größe und Lizenz auflisten",
    "Download": "Herunterladen",
    "Download this network from its authors' page; its licence is shown first": (
        "Dieses Netz von der Seite seiner Autoren herunterladen; vorher wird die Lizenz gezeigt"
    ),
    "Download a Network": "Ein Netz herunterladen",
    "Network": "Netz",
    "{0}, {1}, from {2}": "{0}, {1}, von {2}",
    "Licence {0}: {1}": "Lizenz {0}: {1}",
    "commercial use allowed": "kommerzielle Nutzung erlaubt",
    "no commercial use": "keine kommerzielle Nutzung",
    "commercial use: read the licence": "kommerzielle Nutzung: Lizenz lesen",
    "They can be downloaded once the backend is set up": (
        "Sie lassen sich herunterladen, sobald das Backend eingerichtet ist"
    ),
    "Set up again with Libraries of Optional Networks to use these": (
        "Dafür mit „Bibliotheken optionaler Netze“ neu einrichten"
    ),
    "On this computer": "Auf diesem Rechner",
    "By hand, see the manual": "Von Hand, siehe Handbuch",
    # Preferences
    "Folder of Wheels": "Ordner mit Wheels",
    "A folder with Python packages (.whl) that Set Up takes before it asks the network. With "
    "online access off, all are taken from it": (
        "Ein Ordner mit Python-Paketen (.whl), aus dem „Einrichten“ vor dem Netzwerk schöpft. Ist "
        "der Online-Zugriff aus, kommt alles daraus"
    ),
    "Package Index": "Paketindex",
    "Address of a package index to use in place of PyPI and that of PyTorch": (
        "Adresse eines Paketindex anstelle von PyPI und dem von PyTorch"
    ),
    "Use Graphics Card": "Grafikkarte verwenden",
    "Set up for an NVIDIA card if there is one. Without, the processor computes": (
        "Für eine NVIDIA-Karte einrichten, wenn es eine gibt. Sonst rechnet der Prozessor"
    ),
    "Libraries of Optional Networks": "Bibliotheken optionaler Netze",
    "Also install what the networks for depth and hidden surfaces need": (
        "Auch installieren, was die Netze für Tiefe und Verdecktes brauchen"
    ),
    "Backend Folder": "Backend-Ordner",
    "Where the backend is set up. If empty, in the add-on's own folder": (
        "Wo das Backend eingerichtet wird. Wenn leer, im eigenen Ordner des Add-ons"
    ),
    "Backend Python": "Backend-Python",
    "Python of an environment of your own in which the Livescape backend is installed, or the "
    "folder of that environment, in place of what Set Up has made. If empty, the variable "
    "LIVESCAPE_PYTHON counts": (
        "Python einer eigenen Umgebung, in der das Livescape-Backend installiert ist, oder ihr "
        "Ordner, anstelle dessen, was „Einrichten“ gemacht hat. Wenn leer, gilt die Variable "
        "LIVESCAPE_PYTHON"
    ),
    "Paired server that Generate uses. If empty, this computer computes": (
        "Gekoppelter Server, den „Generieren“ benutzt. Wenn leer, rechnet dieser Rechner"
    ),
    "Compression": "Komprimierung",
    "How scenes are packed on their way from another computer": (
        "Wie Szenen auf dem Weg von einem anderen Rechner gepackt werden"
    ),
    "Fastest in a fast network: scenes come as they are": (
        "Am schnellsten in einem schnellen Netzwerk: Szenen kommen, wie sie sind"
    ),
    "Lossless": "Verlustfrei",
    "Smaller, and equal to the bit": "Kleiner und auf das Bit gleich",
    "Lossless, Movement in 16 Bits": "Verlustfrei, Bewegung in 16 Bit",
    "About half as large again. How far a Gaussian has moved is off by at most 1/2048 of that "
    "distance, all else is equal to the bit": (
        "Noch einmal etwa halb so groß. Der Weg eines Gaussians weicht um höchstens 1/2048 ab, "
        "alles andere ist auf das Bit gleich"
    ),
    "Optional Networks": "Optionale Netze",
    "List the networks that can be downloaded": "Die herunterladbaren Netze auflisten",
    "Folders and Sources": "Ordner und Quellen",
    "Where the backend is and what it is made from": "Wo das Backend ist und woraus es entsteht",
    # Servers
    "This Computer": "Dieser Rechner",
    "the server starts by itself": "der Server startet von selbst",
    "Generate computes on": "„Generieren“ rechnet auf",
    "Computes on {0}": "Rechnet auf {0}",
    "Add Server": "Server hinzufügen",
    "Pair with a server on another computer by the line of its `livescape pair`": (
        "Mit einem Server auf einem anderen Rechner koppeln, durch die Zeile seines "
        "`livescape pair`"
    ),
    "The whole line, which begins with livescape://": (
        "Die ganze Zeile, die mit livescape:// beginnt"
    ),
    "Add Server from File": "Server aus Datei hinzufügen",
    "Pair with a server on another computer by a .livescape-server file": (
        "Durch eine .livescape-server-Datei mit einem Server auf einem anderen Rechner koppeln"
    ),
    "Name of a paired server; empty for this computer": (
        "Name eines gekoppelten Servers; leer für diesen Rechner"
    ),
    "Paired with {0}": "Gekoppelt mit {0}",
    "Test": "Testen",
    "Connect, and say what the server computes on, its memory and its version": (
        "Verbinden und sagen, worauf der Server rechnet, mit Speicher und Version"
    ),
    "its device is not known before the first scene": (
        "sein Gerät ist erst nach der ersten Szene bekannt"
    ),
    "Nothing is being set up": "Es wird nichts eingerichtet",
    "{0} job": "{0} Auftrag",
    "{0} jobs": "{0} Aufträge",
    "answers in {0} ms": "antwortet in {0} ms",
    "Use Server": "Server verwenden",
    "Let Generate compute on this server": "„Generieren“ auf diesem Server rechnen lassen",
    "Remove Server": "Server entfernen",
    "Forget this server. To use it again, pair with it again": (
        "Diesen Server vergessen. Um ihn wieder zu verwenden, neu koppeln"
    ),
    "Ask the server how it is": "Den Server fragen, wie es ihm geht",
    "Restart Server": "Server neu starten",
    "End the server of another version on this computer. What it computes goes on when the next "
    "one starts": (
        "Den Server einer anderen Version auf diesem Rechner beenden. Was er rechnet, geht weiter, "
        "wenn der nächste startet"
    ),
}
