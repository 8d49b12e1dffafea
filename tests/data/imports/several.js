module.exports = [
  { title: "Morning", script: `Find a place to sit. Let your hands rest in your lap, and look at the light for a while.` },
  { title: "Evening", script: `Lie down on your back. Let the day go past once more, like a train at night, far away.` },
];
