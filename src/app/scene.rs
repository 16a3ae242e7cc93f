//! Scenes to start from: keys that a student could have pressed.

/// A scene.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// What it is called in the menu.
    pub name: &'static str,
    /// What there is to see.
    pub doc: &'static str,
    /// The keys that make it.
    pub keys: &'static str,
}

/// All scenes, in the menu's order.
pub const SCENES: &[Scene] = &[
    Scene {
        name: "Three generations",
        doc: "A has two children and a grandchild. End B, and see who moves",
        keys: "f @A f f @B f @B",
    },
    Scene {
        name: "One zombie",
        doc: "B has ended, A has not waited. w on A reaps it",
        keys: "f @A f @B 7x @A",
    },
    Scene {
        name: "An orphan",
        doc: "B has ended before its child C: keeper has adopted C",
        keys: "f @A f @B f @B x @C",
    },
    Scene {
        name: "A blocked wait",
        doc: "A is in waitpid: it sleeps until a child of it ends",
        keys: "f @A f f w @B",
    },
];
