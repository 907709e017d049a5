// SPDX-License-Identifier: GPL-3.0-or-later
//
// A Flamenco job type: a photo to a living scene, its frames and a movie.
// docs/farm.md says where to put it and what the workers need.

const JOB_TYPE = {
    label: "Livescape Shot",
    description: "A photograph and a camera path become a living scene, its frames and a movie.",
    settings: [
        // What the shot is made from.
        { key: "photo", type: "string", subtype: "file_path", required: true,
          eval: "bpy.path.abspath(C.scene.livescape.photo)",
          description: "The photograph" },
        { key: "camera_path", type: "string", subtype: "file_path", required: true,
          eval: "bpy.path.abspath('//camera_path.json')",
          description: "The camera path that the add-on exported" },
        { key: "preset", type: "string", choices: ["draft", "preview", "final", "paper"],
          default: "preview", description: "How large and how fine the scene is" },
        { key: "hints", type: "string", subtype: "file_path", required: false, default: "",
          description: "labelme file with motion polygons and hint lines; may be empty" },
        { key: "settings", type: "string", required: false, default: "{}",
          description: "Further settings of the preset as JSON" },
        { key: "object", type: "string", required: false, default: "Livescape",
          eval: "C.scene.livescape.object_name",
          description: "Name of the object in the scene" },

        // What is made of it.
        { key: "frames", type: "string", required: true,
          eval: "f'{C.scene.frame_start}-{C.scene.frame_end}'",
          description: "Frames to render, such as 1-48" },
        { key: "chunk_size", type: "int32", default: 4, propargs: { min: 1 },
          description: "Frames of one task", visible: "submission" },
        { key: "out", type: "string", subtype: "dir_path", required: true,
          eval: "bpy.path.abspath('//farm')",
          description: "Folder of the finished .blend, its cache, the frames and the movie" },
        { key: "name", type: "string", required: true, default: "shot",
          description: "Name of the files that are made" },

        // Where things are.
        { key: "scripts", type: "string", subtype: "dir_path", required: true,
          default: "{livescape_scripts}",
          description: "The folder with build_shot.py and render_frames.py" },
        { key: "blendfile", type: "string", required: true, visible: "web",
          description: "The .blend with the camera and whatever else is in the shot" },
    ],
};

function compileJob(job) {
    const settings = job.settings;
    const shot = path.join(settings.out, settings.name + ".blend");
    const frames = path.join(settings.out, "frames");

    const generate = author.Task("generate", "livescape");
    generate.addCommand(author.Command("exec", {
        exe: "{livescape}",
        args: [
            "run", settings.photo,
            "--camera-path", settings.camera_path,
            "--preset", settings.preset,
            "--settings", settings.settings || "{}",
            "--hints=" + (settings.hints || ""),
            "--blend", shot,
            "--object", settings.object,
        ],
    }));

    const build = author.Task("build", "livescape");
    build.addCommand(blender(settings, settings.blendfile, "build_shot.py", [
        "--out", shot, "--object", settings.object,
    ]));
    build.addDependency(generate);

    const movie = author.Task("movie", "livescape");
    for (const chunk of frameChunker(settings.frames, settings.chunk_size)) {
        const render = author.Task("render-" + chunk, "blender");
        render.addCommand(blender(settings, shot, "render_frames.py", [
            "--out", frames, "--frames=" + chunk,
        ]));
        render.addDependency(build);
        movie.addDependency(render);
        job.addTask(render);
    }
    movie.addCommand(author.Command("exec", {
        exe: "{livescape}",
        args: [
            "movie", frames, path.join(settings.out, settings.name + ".mp4"),
            "--frames", settings.frames,
            "--camera-path", settings.camera_path,
        ],
    }));

    job.addTask(generate);
    job.addTask(build);
    job.addTask(movie);
}

// A script of ours in Blender; the worker's own arguments may be in {blenderArgs}.
function blender(settings, blendfile, script, words) {
    return author.Command("exec", {
        exe: "{blender}",
        args: [
            "-b", blendfile, "--python-exit-code", "1",
            "--python", path.join(settings.scripts, script), "--",
        ].concat(words),
    });
}
