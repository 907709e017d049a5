"""What error cards say of the backend: its server, and setting it up."""

from __future__ import annotations

WORDS: dict[str, str] = {
    # Server
    "The Livescape server is not running.": "Der Livescape-Server läuft nicht.",
    "Press Generate, which starts it, or run: livescape serve": (
        "„Generieren“ drücken, was ihn startet, oder ausführen: livescape serve"
    ),
    "The Livescape server has stopped because {0}.": (
        "Der Livescape-Server hat aufgehört; Grund: {0}."
    ),
    "it was asked to": "er wurde darum gebeten",
    "Start it again: it goes on with the jobs that had not ended.": (
        "Neu starten: er setzt die unfertigen Aufträge fort."
    ),
    "The add-on and its backend are different versions and understand settings differently.": (
        "Add-on und Backend haben verschiedene Versionen und verstehen Einstellungen verschieden."
    ),
    "Install both from the same release.": "Beide aus derselben Veröffentlichung installieren.",
    "The Livescape server is not responding.": "Der Livescape-Server antwortet nicht.",
    "Wait a moment. If nothing changes, restart the server.": (
        "Einen Moment warten. Wenn sich nichts ändert, den Server neu starten."
    ),
    "The program at the server's address is not the Livescape server of this user.": (
        "Das Programm unter der Adresse des Servers ist nicht der Livescape-Server dieses "
        "Benutzers."
    ),
    "Restart the server. Neither the token nor the photo was sent.": (
        "Den Server neu starten. Weder Token noch Foto wurden gesendet."
    ),
    "The server does not know this client.": "Der Server kennt diesen Client nicht.",
    "Restart the server, or connect with the token in its server.json file.": (
        "Den Server neu starten oder mit dem Token aus seiner server.json verbinden."
    ),
    "The Livescape server cannot be started with {0}: {1}.": (
        "Der Livescape-Server lässt sich mit {0} nicht starten: {1}."
    ),
    "Choose the Python of the Livescape backend in the add-on's preferences.": (
        "In den Einstellungen des Add-ons das Python des Livescape-Backends auswählen."
    ),
    "The Livescape server stopped while starting (exit code {0}).": (
        "Der Livescape-Server endete beim Starten (Exit-Code {0})."
    ),
    "The Livescape server was not ready after {0} seconds.": (
        "Der Livescape-Server war nach {0} Sekunden nicht bereit."
    ),
    "The Livescape server has ended.": "Der Livescape-Server ist beendet.",
    "The reason is in the log {0}.": "Der Grund steht im Protokoll {0}.",
    "The server sent part {0} of {1} instead of part {2} of {3}.": (
        "Der Server sandte Teil {0} von {1} statt Teil {2} von {3}."
    ),
    "Generate the scene again.": "Die Szene neu generieren.",
    "The server lost the scene while it was being sent and has made another one.": (
        "Der Server hat die Szene beim Senden verloren und eine andere gemacht."
    ),
    "Generate the scene again; it is there already.": (
        "Die Szene neu generieren; sie ist schon da."
    ),
    "{0} is another computer, and Blender's online access is off.": (
        "{0} ist ein anderer Rechner, und Blenders Online-Zugriff ist aus."
    ),
    "Turn on Allow Online Access under Preferences > System > Network.": (
        "Unter Einstellungen > System > Netzwerk den Online-Zugriff erlauben."
    ),
    # Setting up
    "The Livescape backend is not set up.": "Das Livescape-Backend ist nicht eingerichtet.",
    "Press Set Up at the top of the Livescape panel.": (
        "Oben im Livescape-Panel „Einrichten“ drücken."
    ),
    "This copy of the extension lacks what it needs to set up the backend.": (
        "Dieser Kopie der Erweiterung fehlt, was zum Einrichten des Backends nötig ist."
    ),
    "Install the extension for your platform again from its zip.": (
        "Die Erweiterung für diese Plattform neu aus ihrem Zip installieren."
    ),
    "Setting up the backend failed: {0}": "Das Einrichten des Backends ist fehlgeschlagen: {0}",
    "it said nothing": "ohne Meldung",
    "Open Log says more. Set Up goes on from what has arrived.": (
        "„Protokoll öffnen“ zeigt mehr. „Einrichten“ setzt fort, was angekommen ist."
    ),
    "There is not enough space on the disk for the backend.": (
        "Auf dem Datenträger ist nicht genug Platz für das Backend."
    ),
    "Free some space and press Set Up again; what has arrived is kept.": (
        "Platz schaffen und noch einmal „Einrichten“ drücken; was angekommen ist, bleibt erhalten."
    ),
    "Windows does not allow paths as long as those of the backend would be.": (
        "Windows erlaubt keine so langen Pfade, wie das Backend sie hätte."
    ),
    "Turn on long paths in Windows, or choose a folder near the root of a drive as Backend Folder "
    "in the add-on's preferences.": (
        "In Windows lange Pfade einschalten oder in den Einstellungen des Add-ons einen Ordner "
        "nahe der Wurzel eines Laufwerks als Backend-Ordner wählen."
    ),
    "The folder of the backend cannot be written, or a file in it is in use.": (
        "Der Ordner des Backends ist nicht beschreibbar, oder eine Datei darin wird benutzt."
    ),
    "Close other Blenders and servers, or choose another Backend Folder in the add-on's "
    "preferences.": (
        "Andere Blender und Server schließen oder in den Einstellungen des Add-ons einen anderen "
        "Backend-Ordner wählen."
    ),
    "The package index was reached but refused to answer.": (
        "Der Paketindex ist erreichbar, verweigert aber die Antwort."
    ),
    "Check Package Index in the add-on's preferences, a proxy or its certificate; Open Log names "
    "the address.": (
        "Paketindex in den Einstellungen des Add-ons, Proxy oder dessen Zertifikat prüfen; "
        "„Protokoll öffnen“ nennt die Adresse."
    ),
    "The package index cannot be reached.": "Der Paketindex ist nicht erreichbar.",
    "Check the connection and press Set Up again; what has arrived is kept. Without a network, "
    "choose a Folder of Wheels.": (
        "Die Verbindung prüfen und noch einmal „Einrichten“ drücken; was angekommen ist, bleibt "
        "erhalten. Ohne Netzwerk einen Ordner mit Wheels wählen."
    ),
    "There is no Python on this computer that fits, and none could be fetched.": (
        "Auf diesem Rechner passt kein Python, und es ließ sich keines holen."
    ),
    "Install Python 3.11, 3.12 or 3.13 (with a Folder of Wheels, the one that they are for), or "
    "turn on Allow Online Access.": (
        "Python 3.11, 3.12 oder 3.13 installieren (mit einem Ordner mit Wheels das, wofür sie "
        "sind) oder den Online-Zugriff erlauben."
    ),
    "The package index lacks a package that the backend needs{0}, or its build for this Python.": (
        "Dem Paketindex fehlt ein Paket, das das Backend braucht{0}, oder dessen Fassung für "
        "dieses Python."
    ),
    "The folder of wheels lacks a package that the backend needs{0}, or its build for this "
    "Python.": (
        "Dem Ordner mit Wheels fehlt ein Paket, das das Backend braucht{0}, oder dessen Fassung "
        "für dieses Python."
    ),
    "Open Log says which.": "„Protokoll öffnen“ zeigt, welches.",
    "Open Log says which. Add its wheel to the folder.": (
        "„Protokoll öffnen“ zeigt, welches. Sein Wheel in den Ordner legen."
    ),
    "A package has arrived damaged.": "Ein Paket ist beschädigt angekommen.",
    "Press Set Up again. If it happens again, the package is damaged where it comes from.": (
        "Noch einmal „Einrichten“ drücken. Passiert es wieder, ist das Paket schon an der Quelle "
        "beschädigt."
    ),
    "What was installed does not start: {0}": "Was installiert wurde, startet nicht: {0}",
    "Press Set Up again. If it happens again, Open Log says more.": (
        "Noch einmal „Einrichten“ drücken. Passiert es wieder, zeigt „Protokoll öffnen“ mehr."
    ),
    "There are no wheels in the folder {0}.": "Im Ordner {0} sind keine Wheels.",
    "Choose a folder that holds files ending in .whl, or leave Folder of Wheels empty.": (
        "Einen Ordner mit Dateien wählen, die auf .whl enden, oder „Ordner mit Wheels“ leer lassen."
    ),
    "The backend is to be downloaded, and Blender's online access is off.": (
        "Das Backend soll heruntergeladen werden, und Blenders Online-Zugriff ist aus."
    ),
    "{0} is to be downloaded, and Blender's online access is off.": (
        "{0} soll heruntergeladen werden, und Blenders Online-Zugriff ist aus."
    ),
    "Turn on Allow Online Access under Preferences > System > Network, or choose a Folder of "
    "Wheels.": (
        "Unter Einstellungen > System > Netzwerk den Online-Zugriff erlauben oder einen Ordner "
        "mit Wheels wählen."
    ),
    "The backend needs {0} on the disk, and {1} are free.": (
        "Das Backend braucht {0} auf dem Datenträger, und {1} sind frei."
    ),
    "Free some space, or choose another Backend Folder in the add-on's preferences.": (
        "Platz schaffen oder in den Einstellungen des Add-ons einen anderen Backend-Ordner wählen."
    ),
    "its version is {0}": "seine Version ist {0}",
    "Macs with an Intel processor": "Macs mit Intel-Prozessor",
    "Windows on ARM": "Windows auf ARM",
    "macOS before {0}": "macOS vor {0}",
    "The backend cannot be set up on {0}, for which PyTorch is not published.": (
        "Das Backend lässt sich nicht auf {0} einrichten, wofür es kein PyTorch gibt."
    ),
    "Pair with a server on another computer: Add Server in the add-on's preferences.": (
        "Mit einem Server auf einem anderen Rechner koppeln: „Server hinzufügen“ in den "
        "Einstellungen des Add-ons."
    ),
    "The backend could not do that: {0}": "Das Backend konnte das nicht: {0}",
    "Press Set Up again; Open Log says more.": (
        "Noch einmal „Einrichten“ drücken; „Protokoll öffnen“ zeigt mehr."
    ),
    "The backend could not list its networks.": "Das Backend konnte seine Netze nicht auflisten.",
    "Press Set Up again: it may be another version.": (
        "Noch einmal „Einrichten“ drücken: vielleicht ist es eine andere Version."
    ),
    "The backend is being set up or removed already, perhaps by another Blender.": (
        "Das Backend wird schon eingerichtet oder entfernt, vielleicht durch ein anderes Blender."
    ),
    "Wait until that has finished, or cancel it there.": (
        "Warten, bis das fertig ist, oder es dort abbrechen."
    ),
    "The backend is being set up or removed already.": (
        "Das Backend wird schon eingerichtet oder entfernt."
    ),
    "Wait until that has finished, or cancel it.": "Warten, bis das fertig ist, oder es abbrechen.",
    "There is no Python at {0}.": "Unter {0} ist kein Python.",
    "Correct the Backend Python in the preferences of the add-on, or empty it and press Set Up.": (
        "Das Backend-Python in den Einstellungen des Add-ons berichtigen oder leeren und "
        "„Einrichten“ drücken."
    ),
    "The backend that is set up is version {0}, and this add-on needs its own {1}.": (
        "Das eingerichtete Backend hat Version {0}, und dieses Add-on braucht seine eigene {1}."
    ),
    "The backend that is set up is another build of {0} than this add-on.": (
        "Das eingerichtete Backend ist ein anderer Stand von {0} als dieses Add-on."
    ),
    "Press Update at the top of the Livescape panel.": (
        "Oben im Livescape-Panel „Aktualisieren“ drücken."
    ),
    "That failed because of a fault of Livescape's own ({0}).": (
        "Das scheiterte an einem Fehler von Livescape ({0})."
    ),
    "Please report it with what Blender's console says.": (
        "Bitte mit der Ausgabe von Blenders Konsole melden."
    ),
}
