# SPDX-License-Identifier: BSD-3-Clause
"""The texts of what --slurm writes: a script for each job, one that submits them, and one that collects."""

import dataclasses
import shlex

JOB = """#!/usr/bin/env bash
{directives}

# From now on no older result stands for this job.
misfit_run=$PWD/{name}.${{SLURM_JOB_ID:?this script is for sbatch}}
: >"$misfit_run.part"
# What this machine needs first, such as loading modules (--prologue FILE):
{prologue}
# The study:
set -euo pipefail
export OMP_NUM_THREADS={threads} OMP_PROC_BIND=close OMP_PLACES=cores
# Where misfit is built; may be set from outside.
program=${{MISFIT_STUDY:-{program}}}
if [[ ! -x $program ]]; then
  echo "$program is missing: build misfit ({how_to_build}), or set MISFIT_STUDY" >&2
  exit 1
fi
processor=$(awk -F ': ' '/^model name/ {{ print $2; exit }}' /proc/cpuinfo)
memory=$(awk '/^MemTotal/ {{ print $2 }}' /proc/meminfo)
echo "job $SLURM_JOB_ID: {ranks} ranks on nodes ${{SLURM_JOB_NODELIST:=unknown}}"
echo "processor: ${{processor:=unknown}}"
echo "modules: ${{LOADEDMODULES:=none}}"
facts=(
  "slurm_job=$SLURM_JOB_ID" "nodelist=${{SLURM_JOB_NODELIST//[,=]/ }}" "processor=${{processor//[,=]/ }}"
  "memory_kib=$memory" "system=$(uname -sr)" "modules=${{LOADEDMODULES//[,=]/ }}"
)
if ! {launch} "$program" \\
  {options} \\
  "--benchmark_context=$(IFS=,; echo "${{facts[*]}}")" \\
  --benchmark_color=false --benchmark_out="$misfit_run.part" --benchmark_out_format=json; then
  echo "The run failed. If its ranks did not find each other: other scripts (--mpi TYPE, --launcher mpirun) may help." >&2
  exit 1
fi
if ! grep -q '"mpi_ranks": "{ranks}"' "$misfit_run.part"; then
  echo "These were not {ranks} ranks of one run: other scripts (--mpi TYPE, --launcher mpirun) may help." >&2
  exit 1
fi
mv "$misfit_run.part" "$misfit_run.json"
"""

SUBMIT = """#!/usr/bin/env bash
# Submits the jobs of this study that are neither finished nor queued. With --collect one more, which makes a report of
# what there is when all have ended.
set -euo pipefail
cd -P "$(dirname "${{BASH_SOURCE[0]}}")"
jobs=({jobs})

case ${{1-}} in
  "" | --collect) ;;
  *) echo "usage: submit [--collect]" >&2; exit 2 ;;
esac
if ! queue=$(squeue --noheader --user="$(id -un)" --format="%i|%T, %r|%j|%Z"); then
  echo "submit: squeue failed, so that nothing is known of what is queued; nothing was submitted" >&2
  exit 1
fi

# Number and state of the job "$1" if it waits or runs.
queued() {{
  local id state name folder
  while IFS='|' read -r id state name folder; do
    if [[ $name == "misfit-$1" && $folder == "$PWD" ]]; then
      echo "$id ($state)"
      break
    fi
  done <<<"$queue"
}}

# Whether the latest run of the job "$1" has ended well.
finished() {{
  local latest
  latest=$(find . -maxdepth 1 -name "$1.*" | sed -nE 's/.*\\.([0-9]+)\\.(part|json)$/\\1/p' | sort -n | tail -n 1)
  [[ $latest && -f $1.$latest.json ]]
}}

ids=() refused=()
for job in "${{jobs[@]}}"; do
  id=$(queued "$job")
  if [[ $id ]]; then
    echo "$job: is job $id already"
    ids+=("${{id%% *}}")
  elif finished "$job"; then
    echo "$job: is finished"
  elif id=$(sbatch --parsable --chdir="$PWD" "$job.sh"); then
    echo "$job: job ${{id%%;*}}"
    ids+=("${{id%%;*}}")
  else
    refused+=("$job")
  fi
done

if [[ ${{1-}} ]]; then
  after=()
  (( ${{#ids[@]}} == 0 )) || after=(--dependency="afterany$(printf ':%s' "${{ids[@]}}")")
  if id=$(sbatch --parsable --chdir="$PWD" ${{after[@]+"${{after[@]}}"}} collect.sh); then
    echo "collect: job ${{id%%;*}}, after the others; its report: $PWD/report/index.html"
  else
    refused+=(collect)
  fi
fi
if (( ${{#refused[@]}} )); then
  echo "submit: sbatch refused ${{#refused[@]}} of these, for what it says above: ${{refused[*]}}" >&2
  exit 1
fi
"""

COLLECT = """#!/usr/bin/env bash
{directives}

{prologue}
exec {study} --collect "$PWD" --partial --output "$PWD/report"
"""


@dataclasses.dataclass(frozen=True)
class Job:
    """What it asks for."""
    name: str
    ranks: int
    nodes: int
    ranks_per_node: int
    threads: int
    gpus_per_node: int
    minutes: int


def option(name, value):
    """As both bash and sbatch read it."""
    return f"--{name}" if value is True else f"--{name}={shlex.quote(str(value))}"


def directives(values, asked):
    """Those of `values`, and those that all jobs have."""
    values = {**values, "account": asked.account, "partition": asked.partition}
    pairs = [*values.items(), *((name, value or True) for name, value in asked.sbatch)]
    return "\n".join(f"#SBATCH {option(name, value)}" for name, value in pairs if value)


def launch(asked, job):
    """The command up to the program. Ranks fill one node after the other, each on cores of its own."""
    more = [shlex.quote(text) for text in asked.launcher_option]
    if asked.launcher == "srun":
        mpi = [option("mpi", asked.mpi)] if asked.mpi else []
        return " ".join(["srun", *mpi, f"--ntasks={job.ranks}", f"--cpus-per-task={job.threads}",
                         "--distribution=block:block", "--cpu-bind=cores", *more])
    place = ["--map-by", f"slot:PE={job.threads}", "--bind-to", "core"] if asked.launcher == "mpirun" else []
    return " ".join([shlex.quote(asked.launcher), "-n", str(job.ranks), *place, *more])


def how_to_build(gpus):
    return "cmake --preset cuda, or hip; MISFIT_STUDY says where" if gpus else "cmake --preset release"


def job_script(asked, job, folder, prologue, program, options):
    # One hardware thread a core: with two, half of the ranks would share a core.
    values = {"job-name": f"misfit-{job.name}", "chdir": folder, "output": f"{job.name}.%j.log", "nodes": job.nodes,
              "ntasks": job.ranks, "ntasks-per-node": job.ranks_per_node, "cpus-per-task": job.threads,
              "threads-per-core": 1, "gpus-per-node": job.gpus_per_node, "time": asked.time or job.minutes, "exclusive": True}
    return JOB.format(directives=directives(values, asked), name=job.name, prologue=prologue, threads=job.threads,
                      program=shlex.quote(str(program)), ranks=job.ranks, launch=launch(asked, job),
                      how_to_build=how_to_build(job.gpus_per_node),
                      options=" \\\n  ".join(map(shlex.quote, options)))


def collect_script(asked, folder, prologue, study):
    values = {"job-name": "misfit-collect", "chdir": folder, "output": "collect.%j.log", "ntasks": 1, "time": asked.time or 15}
    return COLLECT.format(directives=directives(values, asked), prologue=prologue, study=shlex.quote(str(study)))


def submit_script(jobs):
    return SUBMIT.format(jobs=" ".join(job.name for job in jobs))
