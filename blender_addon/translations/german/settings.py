"""The inputs and settings of a generation: names, tooltips and choices."""

from __future__ import annotations

WORDS: dict[str, str] = {
    "Detail": "Detail",
    "Depth and Hidden Parts": "Tiefe und Verdecktes",
    "Training Views": "Trainingsansichten",
    "Moving Gaussians": "Bewegte Gaussians",
    "Colour and Chance": "Farbe und Zufall",
    "Photo Size": "Fotogröße",
    "Long side in pixels of the photo that is worked on. Larger is sharper and takes longer": (
        "Lange Seite des bearbeiteten Fotos in Pixeln. Größer ist schärfer und dauert länger"
    ),
    "Gaussians": "Gaussians",
    "Most Gaussians that the scene may have, including copies of moving ones. A coarse cover of "
    "the whole picture is always made, even if it needs more": (
        "So viele Gaussians darf die Szene höchstens haben, Kopien der bewegten eingeschlossen. "
        "Das ganze Bild wird immer grob bedeckt, auch wenn das mehr braucht"
    ),
    "Views": "Ansichten",
    "Views along and around the camera's path that are fitted, with the photo's": (
        "Ansichten entlang des Kamerapfads und daneben, an die außer an das Foto angepasst wird"
    ),
    "Filling": "Füllung",
    "What invents the picture behind things and beyond the frame": (
        "Was das Bild hinter den Dingen und jenseits des Rands erfindet"
    ),
    "Cameras": "Kameras",
    "From where the scene is fitted": "Von wo aus die Szene angepasst wird",
    "Straying": "Abweichung",
    "How far views leave the camera's path, as a part of how far it moves sideways": (
        "Wie weit Ansichten den Kamerapfad verlassen, als Anteil seiner seitlichen Bewegung"
    ),
    "Fitting Steps": "Schritte",
    "Steps in which the Gaussians are fitted to the photo and its views": (
        "Schritte, in denen die Gaussians an das Foto und seine Ansichten angepasst werden"
    ),
    "In Space": "Im Raum",
    "How the motion seen in pictures becomes one motion in space": (
        "Wie aus der Bewegung in Bildern eine Bewegung im Raum wird"
    ),
    "While Fitting": "Beim Anpassen",
    "Whether Gaussians are merged and split where that is of use": (
        "Ob Gaussians verschmolzen und geteilt werden, wo es nützt"
    ),
    "Paths": "Bahnen",
    "How moving Gaussians move along their paths": "Wie sich bewegte Gaussians bewegen",
    "Motion Steps": "Lernschritte",
    "Steps in which the moving Gaussians are trained on the animated photo": (
        "Schritte, in denen die bewegten Gaussians am animierten Foto trainiert werden"
    ),
    "Path Detail": "Bahndetail",
    "Parts of which the path of each moving Gaussian is put together": (
        "Teile, aus denen die Bahn jedes bewegten Gaussians zusammengesetzt ist"
    ),
    "Loop": "Schleife",
    "Whether the motion repeats": "Ob sich die Bewegung wiederholt",
    "Loop Length": "Länge",
    "Frames after which the motion repeats, where it loops": (
        "Frames, nach denen sich die Bewegung in der Schleife wiederholt"
    ),
    "Speed": "Tempo",
    "Factor by which the motion that was found is multiplied": (
        "Faktor, mit dem die gefundene Bewegung multipliziert wird"
    ),
    "Exposure": "Belichtung",
    "Stops by which a photo of linear light is brightened: OpenEXR, Radiance HDR, "
    "floating-point TIFF": (
        "Blendenstufen, um die ein Foto in linearem Licht aufgehellt wird: OpenEXR, Radiance HDR, "
        "Gleitkomma-TIFF"
    ),
    "Depth": "Tiefe",
    "How far away everything is": "Wie weit alles entfernt ist",
    "Depth Values": "Tiefenwerte",
    "What the numbers of a depth map mean": "Was die Zahlen einer Tiefenkarte bedeuten",
    "Mask Marks": "Maske zeigt",
    "Which pixels of a motion mask move": "Welche Pixel einer Bewegungsmaske sich bewegen",
    "Motion From": "Quelle",
    "Where the motion in the photo comes from": "Woher die Bewegung im Foto kommt",
    "Animated By": "Animation",
    "What moves the photo that moving Gaussians are trained on": (
        "Was das Foto bewegt, an dem bewegte Gaussians trainiert werden"
    ),
    "Animated From": "Animiert aus",
    "Views whose animation moving Gaussians are trained on": (
        "Ansichten, an deren Animation bewegte Gaussians trainiert werden"
    ),
    "Blended In": "Mischraum",
    "Colour space in which Gaussians that overlap are mixed": (
        "Farbraum, in dem überlappende Gaussians gemischt werden"
    ),
    "Seed": "Startwert",
    "Start of all random choices. Another number gives another variant": (
        "Anfang aller Zufallszahlen. Eine andere Zahl ergibt eine andere Variante"
    ),
    "Guess": "Raten",
    "Guessed from the photo, and said": "Am Foto erraten und gemeldet",
    "Metres": "Meter",
    "How far away each pixel is": "Wie weit jedes Pixel entfernt ist",
    "Millimetres": "Millimeter",
    "As depth cameras store it": "Wie Tiefenkameras es speichern",
    "Nearness": "Nähe",
    "Larger is nearer, as depth networks write it": (
        "Größer ist näher, wie es Tiefennetze schreiben"
    ),
    "Distance up to Scale": "Entfernung",
    "Larger is farther, in no particular unit": "Größer ist weiter weg, ohne bestimmte Einheit",
    "Bright Moves": "Helles bewegt",
    "Bright pixels of the mask move": "Helle Pixel der Maske bewegen sich",
    "Dark Moves": "Dunkles bewegt",
    "Dark pixels of the mask move: it is inverted. Where labels say what moves, they do": (
        "Dunkle Pixel der Maske bewegen sich: sie ist invertiert. Wo Bezeichnungen sagen, was sich "
        "bewegt, gelten sie"
    ),
    "Linear Light": "Lineares Licht",
    "As Blender mixes: renders show what was fitted": (
        "Wie Blender mischt: Gerendertes zeigt, was angepasst wurde"
    ),
    "Display sRGB": "Anzeige-sRGB",
    "As other splat programs mix. In Blender it is exact with Compositing set up alone": (
        "Wie andere Splat-Programme mischen. In Blender nur mit eingerichtetem Compositing exakt"
    ),
    "From the Layout": "Aus dem Aufbau",
    "Built in: ground, water, sky and what stands on them": (
        "Eingebaut: Boden, Wasser, Himmel und was darauf steht"
    ),
    "From a File": "Aus einer Datei",
    "The depth map that is chosen under Motion": "Die Tiefenkarte, die unter Bewegung gewählt ist",
    "Depth Anything V2": "Depth Anything V2",
    "Depth Anything 3": "Depth Anything 3",
    "Depth Pro": "Depth Pro",
    "MoGe-2": "MoGe-2",
    "ZoeDepth": "ZoeDepth",
    "A network that must be downloaded": "Ein Netz, das heruntergeladen werden muss",
    "The Photo": "Foto",
    "Water and sky are found and move as they usually do": (
        "Wasser und Himmel werden gefunden und bewegen sich wie gewöhnlich"
    ),
    "Your Hints": "Eigene Hinweise",
    "Arrows and regions that you have drawn": "Gezeichnete Pfeile und Bereiche",
    "A Flow File": "Flussdatei",
    "The motion in pixels that is stored in a file": "Die Bewegung in Pixeln aus einer Datei",
    "A Clip": "Clip",
    "A short video of the same place": "Ein kurzes Video desselben Orts",
    "A Network": "Netz",
    "A motion network whose file is on the server": (
        "Ein Bewegungsnetz, dessen Datei auf dem Server liegt"
    ),
    "Nothing Moves": "Nichts",
    "A scene that stands still": "Eine Szene, die stillsteht",
    "Built In": "Eingebaut",
    "Pixels are carried along and blended": "Pixel werden mitgeführt und überblendet",
    "An animation network whose file is on the server": (
        "Ein Animationsnetz, dessen Datei auf dem Server liegt"
    ),
    "Only from where the photo was taken": "Nur von dort, wo das Foto aufgenommen wurde",
    "All Views": "Alle Ansichten",
    "From up to four further views too, which takes longer": (
        "Auch von bis zu vier weiteren Ansichten, was länger dauert"
    ),
    "Robust Fit": "Robust",
    "Finds the one motion that most views agree on, and converges": (
        "Findet die Bewegung, auf die sich die meisten Ansichten einigen, und konvergiert"
    ),
    "Gradient Descent": "Gradienten",
    "As the 3D-MRM paper does it, slower": "Wie im 3D-MRM-Artikel, langsamer",
    "Photo Alone": "Foto allein",
    "The photo's own motion, without other views": "Die Bewegung des Fotos ohne andere Ansichten",
    "Automatic": "Automatisch",
    "The one that shows best: own paths": "Was am besten aussieht: eigene Bahnen",
    "Own Paths": "Eigene Bahnen",
    "Each Gaussian has a path of its own, which is trained": (
        "Jeder Gaussian hat eine eigene Bahn, die trainiert wird"
    ),
    "Own Paths, Colours Trained": "Bahnen, Farben",
    "Paths stay as they were found": "Bahnen bleiben, wie sie gefunden wurden",
    "HexPlane": "HexPlane",
    "One small network moves all Gaussians, as in the paper": (
        "Ein kleines Netz bewegt alle Gaussians, wie im Artikel"
    ),
    "Drift": "Drift",
    "As the paper's released code: it does not close the loop": (
        "Wie im veröffentlichten Code des Artikels: die Schleife schließt sich nicht"
    ),
    "The frames of a shot of up to 250 frames, else a loop": (
        "Die Frames einer Einstellung bis 250 Frames, sonst eine Schleife"
    ),
    "Repeats": "Wiederholt sich",
    "The motion plays for ever": "Die Bewegung läuft endlos",
    "Plays Once": "Läuft einmal",
    "The frames of the shot once; nothing is seen twice": (
        "Die Frames der Einstellung einmal; nichts ist zweimal zu sehen"
    ),
    "Merged and Split": "Verschmelzen",
    "Detail goes where the picture needs it": "Detail kommt dorthin, wo das Bild es braucht",
    "As They Are": "Wie sie sind",
    "Faster, with the Gaussians that it begins with": (
        "Schneller, mit den Gaussians, mit denen es beginnt"
    ),
    "Texture": "Textur",
    "Built in: continued with pieces of the photo": "Eingebaut: mit Stücken des Fotos fortgesetzt",
    "LaMa": "LaMa",
    "Stable Diffusion": "Stable Diffusion",
    "A large network that must be downloaded": ("Ein großes Netz, das heruntergeladen werden muss"),
    "Along the Path": "Am Pfad",
    "Views on the camera's path and a little beside it": (
        "Ansichten auf dem Kamerapfad und ein wenig daneben"
    ),
    "25 as Released": "25 (Code)",
    "The views of the 3D-MRM paper's released code": (
        "Die Ansichten des veröffentlichten Codes zum 3D-MRM-Artikel"
    ),
    "105 as in the Paper": "105 (Artikel)",
    "The views that the 3D-MRM paper describes": "Die Ansichten, die der 3D-MRM-Artikel beschreibt",
    # Inputs
    "The photograph to bring to life": "Das Foto, das lebendig werden soll",
    "Frame": "Bildausschnitt",
    "How a photo lies in a frame of another shape": (
        "Wie ein Foto in einem Bild mit anderem Seitenverhältnis liegt"
    ),
    "Crop": "Beschneiden",
    "The photo fills the frame; what does not fit lies beyond its edge": (
        "Das Foto füllt das Bild; was nicht hineinpasst, liegt jenseits des Rands"
    ),
    "Fit": "Einpassen",
    "All of the photo is in the frame; the rest of the frame is empty": (
        "Das ganze Foto ist im Bild; der Rest des Bilds ist leer"
    ),
    "Preset": "Vorgabe",
    "How much time to spend. Choosing a preset fills in every setting below": (
        "Wie viel Zeit es kosten darf. Eine Vorgabe füllt alle Einstellungen darunter aus"
    ),
    "Draft": "Entwurf",
    "A first look within a minute or two on a laptop": (
        "Ein erster Blick in ein, zwei Minuten auf einem Laptop"
    ),
    "Preview": "Vorschau",
    "Good enough to check camera and motion": "Gut genug, um Kamera und Bewegung zu prüfen",
    "Final": "Endfassung",
    "For the rendered shot; best on a CUDA machine": (
        "Für die gerenderte Einstellung; am besten auf einem Rechner mit CUDA"
    ),
    "Paper": "Artikel",
    "The 3D-MRM paper's own settings; needs its networks, a CUDA machine and a lot of time": (
        "Die Einstellungen des 3D-MRM-Artikels; braucht dessen Netze, einen Rechner mit CUDA und "
        "viel Zeit"
    ),
    "Depth Map": "Tiefenkarte",
    "A depth map to use instead of an estimated one": (
        "Eine Tiefenkarte, die statt einer geschätzten verwendet wird"
    ),
    "Motion Mask": "Maske",
    "An image that is bright where the photo should move, or masks and outlines of other programs: "
    "a folder, NumPy, labelme, COCO or SAM": (
        "Ein Bild, das hell ist, wo sich das Foto bewegen soll, oder Masken und Umrisse anderer "
        "Programme: ein Ordner, NumPy, labelme, COCO oder SAM"
    ),
    "Motion Hints": "Hinweise",
    "A labelme or COCO JSON: what moves, what stands, hint lines": (
        "Ein labelme- oder COCO-JSON: was sich bewegt, was steht, Hinweislinien"
    ),
    "Flow": "Fluss",
    "A .npy or .npz file of the motion in pixels per frame": (
        "Eine .npy- oder .npz-Datei mit der Bewegung in Pixeln pro Frame"
    ),
    "Clip": "Clip",
    "A short video of the same place in motion, filmed without moving the camera": (
        "Ein kurzes Video desselben Orts in Bewegung, mit ruhiger Kamera gefilmt"
    ),
    "Photo at First Frame": "Foto am Anfang",
    "The camera took the photo from where it is at the first frame. Turn this off to choose "
    "another frame": (
        "Die Kamera hat das Foto von dort aufgenommen, wo sie beim ersten Frame ist. Ausschalten, "
        "um einen anderen Frame zu wählen"
    ),
    "Photo Frame": "Foto-Frame",
    "Frame at which the camera is where the photo was taken from": (
        "Frame, bei dem die Kamera dort ist, wo das Foto aufgenommen wurde"
    ),
    "Show Coarse Scenes": "Grobes zeigen",
    "Show the photo in depth within seconds, then coarse motion, while the scene is made. The "
    "finished scene is the same": (
        "Das Foto nach Sekunden räumlich zeigen, dann grobe Bewegung, während die Szene entsteht. "
        "Die fertige Szene ist dieselbe"
    ),
    "Name": "Name",
    "Name of the object. Its cache folders begin with it": (
        "Name des Objekts. Seine Cache-Ordner beginnen damit"
    ),
    # The move
    "Limit": "Grenze",
    "How much of a frame the photo need not show. It is invented when the scene is made; the more, "
    "the more it shows": (
        "Wie viel eines Frames das Foto nicht zeigen muss. Es wird beim Generieren erfunden; je "
        "mehr, desto eher sieht man es"
    ),
    "Timeline Strip": "Zeitstreifen",
    "Show in the timeline, frame by frame, how much the photo cannot show": (
        "In der Zeitleiste Frame für Frame zeigen, wie viel das Foto nicht zeigen kann"
    ),
    "Safe Volume": "Sicherer Raum",
    "Show in the viewport where the camera can go within the limit, and where its path leaves it": (
        "In der Ansicht zeigen, wie weit die Kamera innerhalb der Grenze kommt und wo ihr Pfad sie "
        "verlässt"
    ),
}
