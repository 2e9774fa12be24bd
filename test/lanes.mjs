/** How many things run beside each other, and what of their output is shown when. */

/**
 * Runs tasks, `lanes` of them at a time, each as soon as a lane is free, in the order given. A task is called with nothing;
 * the answers stand in the order of the tasks.
 */
export async function runInLanes(tasks, lanes) {
  const answers = new Array(tasks.length);
  let next = 0;
  const lane = async () => {
    while (next < tasks.length) {
      const index = next++;
      answers[index] = await tasks[index]();
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, tasks.length) }, lane));
  return answers;
}
