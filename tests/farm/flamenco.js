// What Flamenco Manager gives to a job type's script, as far as ours uses it.
const author = {
    Task: (name, type) => ({
        name: name, type: type, commands: [], dependencies: [],
        addCommand(command) { this.commands.push(command); },
        addDependency(task) { this.dependencies.push(task.name); },
    }),
    Command: (name, parameters) => ({ name: name, parameters: parameters }),
};

const path = { join: (...parts) => parts.join("/") };

function frameChunker(frames, size) {
    const all = [];
    for (const part of frames.split(",")) {
        const [first, last] = part.split("-").map(Number);
        for (let frame = first; frame <= (last === undefined ? first : last); frame++) all.push(frame);
    }
    const chunks = [];
    for (let at = 0; at < all.length; at += size) {
        const chunk = all.slice(at, at + size);
        chunks.push(chunk.length === 1 ? `${chunk[0]}` : `${chunk[0]}-${chunk[chunk.length - 1]}`);
    }
    return chunks;
}

function tasksOf(settings) {
    const job = { settings: settings, tasks: [], addTask(task) { this.tasks.push(task); } };
    compileJob(job);
    return JSON.stringify(job.tasks);
}
