//! The machine: what it is, and which core a process stands on.

use std::process::{Child, Command};

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::Result;

/// Cores, processor and how busy they are with other work, as the report has it; no name of the machine.
pub(crate) fn describe() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = info.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let model = field("model name").unwrap_or_else(|| "an unknown processor".to_owned());
    let family = match (field("cpu family"), field("model\t")) {
        (Some(family), Some(number)) => format!(" (family {family}, model {number})"),
        _ => String::new(),
    };
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("unknown");
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (system, word) = (std::env::consts::OS, std::env::consts::ARCH);
    format!("{cores} cores of {model}{family}, {system} {word}; load average before the run: {load}")
}

/// A core for the server under test, and another one for the load generator. `None` where there is only one.
pub(crate) fn two_cores() -> Option<(usize, usize)> {
    let mine = sched_getaffinity(None).ok()?;
    let mut cores = (0..CpuSet::MAX_CPU).filter(|core| mine.is_set(*core));
    Some((cores.next()?, cores.next()?))
}

/// Starts a program that stays on one core, if one is given. It inherits the core of the thread that starts it.
pub(crate) fn spawn_on(core: Option<usize>, command: &mut Command) -> Result<Child> {
    let Some(core) = core else { return Ok(command.spawn()?) };
    let before = sched_getaffinity(None)?;
    let mut one = CpuSet::new();
    one.set(core);
    sched_setaffinity(None, &one)?;
    let child = command.spawn();
    sched_setaffinity(None, &before)?;
    Ok(child?)
}

/// Seconds of processor time that a process has used, all its threads together.
pub(crate) fn cpu_seconds(pid: u32) -> Result<f64> {
    /// Ticks of `/proc` in a second: a constant of the kernel's interface.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name stands in parentheses and may hold anything; utime and stime are fields 14 and 15.
    let (_, rest) = stat.rsplit_once(')').ok_or("/proc/PID/stat is odd")?;
    let ticks: Vec<f64> = rest.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    Ok(ticks.iter().sum::<f64>() / TICKS)
}

/// Resident memory of a process, in MiB.
pub(crate) fn resident(pid: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("/proc/PID/status has no VmRSS")?;
    let kib: f64 = line.split_whitespace().next().ok_or("VmRSS is empty")?.parse()?;
    Ok(kib / 1024.0)
}
