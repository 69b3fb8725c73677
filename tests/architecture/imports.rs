//! Which file imports what from which: the `use` lines and the paths in the code, re-exports resolved.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The modules of a crate by name (`callback::state`; the root is the empty one).
pub(crate) struct Crate {
    modules: BTreeMap<String, Module>,
}

struct Module {
    path: String,
    text: String,
    /// Without comments, texts and tests.
    code: String,
    /// What each name that is imported stands for, and whether it is passed on in public.
    names: BTreeMap<String, (Vec<String>, bool)>,
    /// Every path that is named.
    paths: Vec<Vec<String>>,
}

pub(crate) fn is_parent_or_child(one: &str, other: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        outer.is_empty() || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with("::"))
    };
    within(one, other) || within(other, one)
}

impl Crate {
    pub(crate) fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = Vec::new();
        walk(&root, &root, &mut files);
        let files: Vec<_> =
            files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        Self::of(&files)
    }

    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let mut modules = BTreeMap::new();
        for (path, text) in files {
            let name = path.trim_end_matches(".rs").replace('/', "::");
            let name = match name.strip_suffix("::mod") {
                Some(folder) => folder.to_owned(),
                None if name == "lib" => String::new(),
                None => name,
            };
            let (path, text, code) = ((*path).to_owned(), (*text).to_owned(), code_of(text));
            let (names, paths) = (BTreeMap::new(), Vec::new());
            modules.insert(name, Module { path, text, code, names, paths });
        }
        let known: BTreeSet<_> = modules.keys().cloned().collect();
        for (name, module) in &mut modules {
            let (uses, rest) = uses_of(&module.code);
            for (is_public, path, alias) in uses {
                let path = absolute(name, path, &known);
                module.paths.push(path.clone());
                module.names.insert(alias, (path, is_public));
            }
            // What begins with an imported name was counted with its import.
            let paths =
                paths_in(&rest).into_iter().filter(|path| !module.names.contains_key(&path[0]));
            let paths: Vec<_> = paths.map(|path| absolute(name, path, &known)).collect();
            module.paths.extend(paths);
        }
        Self { modules }
    }

    pub(crate) fn modules(&self) -> impl Iterator<Item = &str> {
        self.modules.keys().map(String::as_str)
    }

    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.modules.values().map(|module| (module.path.as_str(), module.text.as_str()))
    }

    /// From which module to which, and what is imported.
    pub(crate) fn arrows(&self) -> impl Iterator<Item = (&str, &str, BTreeSet<String>)> {
        self.modules.iter().flat_map(move |(from, module)| {
            let mut to: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
            for path in module.paths.iter().filter(|path| path[0] == "crate") {
                if let Some((target, name)) = self.resolved(path, 0)
                    && target != from
                {
                    to.entry(target).or_default().insert(name);
                }
            }
            to.into_iter().map(move |(target, names)| (from.as_str(), target, names))
        })
    }

    /// The other crates that a module names.
    pub(crate) fn external(&self) -> impl Iterator<Item = (&str, &str)> {
        self.modules.iter().flat_map(|(name, module)| {
            let named = module.paths.iter().filter(|path| path[0] != "crate");
            named.map(|path| (name.as_str(), path[0].as_str())).collect::<BTreeSet<_>>()
        })
    }

    /// The module in which what `path` names is defined, and its name there.
    fn resolved(&self, path: &[String], depth: usize) -> Option<(&str, String)> {
        let (module, rest) = (1..=path.len()).rev().find_map(|length| {
            let (name, _) = self.modules.get_key_value(&path[1..length].join("::"))?;
            Some((name, &path[length..]))
        })?;
        let Some(first) = rest.first() else { return Some((module, "*".to_owned())) };
        match self.modules[module].names.get(first) {
            Some((next, _)) if depth < 9 && next[0] == "crate" => {
                self.resolved(&[next.as_slice(), &rest[1..]].concat(), depth + 1)
            }
            _ => Some((module, first.clone())),
        }
    }

    /// Modules that import each other, parents and children aside.
    pub(crate) fn circles(&self) -> Vec<BTreeSet<String>> {
        let mut to: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (from, target, _) in self.arrows().filter(|(from, to, _)| !is_parent_or_child(from, to))
        {
            to.entry(from).or_default().insert(target);
        }
        let mut reaches = BTreeMap::new();
        for module in self.modules() {
            let (mut seen, mut next) = (BTreeSet::new(), vec![module]);
            while let Some(one) = next.pop() {
                let targets = to.get(one).into_iter().flatten();
                next.extend(targets.copied().filter(|target| seen.insert(*target)));
            }
            reaches.insert(module, seen);
        }
        let mut circles = BTreeSet::new();
        for (module, seen) in reaches.iter().filter(|(module, seen)| seen.contains(*module)) {
            let back = seen.iter().filter(|one| reaches[**one].contains(module));
            circles.insert(back.map(|one| (*one).to_owned()).collect::<BTreeSet<String>>());
        }
        circles.into_iter().collect()
    }

    /// What is neither a module nor behind a door for fuzzing.
    pub(crate) fn names_at_the_root(&self) -> BTreeSet<String> {
        let root = &self.modules[""];
        let is_module = |path: &[String]| self.modules.contains_key(&path[1..].join("::"));
        root.names
            .iter()
            .filter(|(_, (path, is_public))| *is_public && !is_module(path))
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// The names of public structs, enums and traits, those that a macro makes aside.
    pub(crate) fn public_types(&self) -> Vec<String> {
        let words = ["pub struct ", "pub enum ", "pub trait "];
        let mut names = Vec::new();
        for line in self
            .modules
            .iter()
            .filter(|(name, _)| *name != "fuzzing")
            .flat_map(|(_, one)| one.code.lines())
        {
            if let Some(rest) = words.iter().find_map(|word| line.strip_prefix(word)) {
                let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
                names.extend((end > 0).then(|| rest[..end].to_owned()));
            }
        }
        names
    }
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            files.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The code without comments, texts and characters, and without modules of tests.
fn code_of(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let raw =
            raw_text(rest).filter(|_| !code.ends_with(|c: char| c.is_alphanumeric() || c == '_'));
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(raw) = raw {
            raw
        } else if c == '"' {
            closing(rest)
        } else if c == '\'' && is_char(rest) {
            1 + rest[1..].find('\'').map_or(0, |end| end + 1).max(if rest[1..].starts_with("\\'") {
                3
            } else {
                0
            })
        } else {
            code.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        code.push(' ');
        rest = &rest[skipped..];
    }
    while let Some(begin) = code.find("#[cfg(test)]\nmod ").filter(|at| code[*at..].contains(" {"))
    {
        let end = code[begin..].find("\n}").map_or(code.len(), |end| begin + end + 2);
        code.replace_range(begin..end, "");
    }
    code
}

/// How long the text is that begins here, its quotes included.
fn closing(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn raw_text(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = inner.len() - inner.trim_start_matches('#').len();
    inner[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let begin = text.len() - inner.len() + hashes + 1;
    Some(begin + text[begin..].find(&end)? + end.len())
}

/// Whether a character begins here, rather than a lifetime.
fn is_char(text: &str) -> bool {
    let mut chars = text.chars().skip(1);
    match chars.next() {
        Some('\\') => true,
        Some(_) => chars.next() == Some('\''),
        None => false,
    }
}

type Use = (bool, Vec<String>, String);

/// The `use` lines, each name of theirs by itself, and the code without them.
fn uses_of(code: &str) -> (Vec<Use>, String) {
    let (mut uses, mut rest, mut from) = (Vec::new(), String::new(), 0);
    while let Some(at) = code[from..].find("use ").map(|at| from + at) {
        let before =
            code[..at].lines().last().filter(|_| !code[..at].ends_with('\n')).unwrap_or("").trim();
        let is_public = before == "pub";
        let end = code[at..].find(';').map_or(code.len(), |end| at + end);
        if !(before.is_empty() || is_public || before.starts_with("pub(") && before.ends_with(')'))
        {
            rest.push_str(&code[from..at + 4]);
            from = at + 4;
            continue;
        }
        rest.push_str(&code[from..at]);
        let mut names = Vec::new();
        expand(&code[at + 4..end], &[], &mut names);
        uses.extend(names.into_iter().map(|(path, alias)| (is_public, path, alias)));
        from = end;
    }
    rest.push_str(&code[from..]);
    (uses, rest)
}

fn expand(tree: &str, prefix: &[String], names: &mut Vec<(Vec<String>, String)>) {
    let split = |path: &str| {
        path.split("::")
            .map(|part| part.trim().to_owned())
            .filter(|part| !part.is_empty())
            .collect()
    };
    if let Some(open) = tree.find('{') {
        let head: Vec<String> = split(&tree[..open]);
        let inner = &tree[open + 1..tree.rfind('}').unwrap()];
        let (mut depth, mut begin) = (0, 0);
        for (at, c) in inner.char_indices().chain([(inner.len(), ',')]) {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    if !inner[begin..at].trim().is_empty() {
                        expand(&inner[begin..at], &[prefix, &head].concat(), names);
                    }
                    begin = at + 1;
                }
                _ => {}
            }
        }
        return;
    }
    let (path, alias) =
        tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias)));
    let mut path = [prefix, &split(path)].concat();
    if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
        path.pop();
    }
    let alias = alias.map_or_else(|| path.last().unwrap().clone(), |alias| alias.trim().to_owned());
    names.push((path, alias));
}

/// The paths of two parts or more.
fn paths_in(code: &str) -> Vec<Vec<String>> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    code.split(|c: char| !is_name(c) && c != ':')
        .filter(|path| path.contains("::"))
        .map(|path| {
            path.split("::").map(|part| part.trim_matches(':').to_owned()).collect::<Vec<_>>()
        })
        .filter(|path| path.len() > 1 && path.iter().take(2).all(|part| !part.is_empty()))
        .collect()
}

/// The path from the root of the crate (`crate` first), or of another crate.
fn absolute(module: &str, path: Vec<String>, known: &BTreeSet<String>) -> Vec<String> {
    let here: Vec<String> =
        module.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let root = || vec!["crate".to_owned()];
    let child = [here.as_slice(), &path[..1]].concat().join("::");
    match path[0].as_str() {
        "crate" => path,
        "self" => [root(), here, path[1..].to_vec()].concat(),
        "super" => {
            let ups = path.iter().take_while(|part| *part == "super").count();
            let above = here[..here.len().saturating_sub(ups)].to_vec();
            [root(), above, path[ups..].to_vec()].concat()
        }
        _ if known.contains(&child) => [root(), here, path].concat(),
        _ => path,
    }
}
