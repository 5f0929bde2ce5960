# SPDX-License-Identifier: BSD-3-Clause
"""Slurm on this machine alone: daemons of its own, with ports, files and a key of their own."""

import contextlib
import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

TOOLS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "sinfo")

DEATH_OF_PARENT = 1  # PR_SET_PDEATHSIG of Linux: a test that is killed leaves no daemons behind
LIBC = ctypes.CDLL(None)

CONFIGURATION = """ClusterName=misfit_test
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SrunPortRange={ports[2]}-{ports[3]}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CryptoType=crypto/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/{binding}
SlurmdParameters=config_overrides
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
ReturnToService=2
KillWait=2
InactiveLimit=0
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 Boards=1 SocketsPerBoard=1 CoresPerSocket=2 ThreadsPerCore=1
PartitionName=test Nodes={host} Default=YES MaxTime=10 State=UP OverSubscribe=NO
"""


def find(tool):
    """Daemons are where ordinary users do not look."""
    return shutil.which(tool, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def missing():
    """What is not installed."""
    return [tool for tool in TOOLS if not find(tool)]


def free_ports(count):
    """That follow each other."""
    for first in range(21817, 60000, 97):
        with contextlib.ExitStack() as opened:
            try:
                for port in range(first, first + count):
                    opened.enter_context(socket.socket()).bind(("", port))
            except OSError:
                continue
            return range(first, first + count)
    raise OSError("no free ports")


class Cluster:
    """Its daemons end with end(), and with this process."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.daemons = []
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("SLURM_", "SBATCH_", "SQUEUE_", "PMI", "OMPI_", "OMP_", "PRTE_"))}
        self.environment["SLURM_CONF"] = str(self.folder / "slurm.conf")
        if os.geteuid() == 0:  # Open MPI refuses unless told twice
            self.environment |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}

    def daemon(self, *command):
        log = open(self.folder / f"{pathlib.Path(command[0]).name}.out", "w", encoding="utf-8")
        self.daemons.append(subprocess.Popen(command, stdout=log, stderr=log, env=self.environment, cwd=self.folder,
                                             start_new_session=True,
                                             preexec_fn=lambda: LIBC.prctl(DEATH_OF_PARENT, signal.SIGTERM)))
        log.close()

    def start(self):
        munge = self.folder / "munge"
        for name in ("munge", "state", "spool"):
            (self.folder / name).mkdir(mode=0o755)
        (munge / "key").write_bytes(os.urandom(128))
        (munge / "key").chmod(0o400)
        ports = free_ports(40)
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        binding = "affinity" if {0, 1} <= os.sched_getaffinity(0) else "none"
        (self.folder / "slurm.conf").write_text(CONFIGURATION.format(
            host=socket.gethostname().split(".")[0], user=user, folder=self.folder, binding=binding,
            ports=[ports[0], ports[1], ports[2], ports[-1]]), encoding="utf-8")
        self.daemon(find("munged"), "--foreground", "--force", f"--socket={munge}/socket", f"--key-file={munge}/key",
                    f"--pid-file={munge}/pid", f"--log-file={munge}/log", f"--seed-file={munge}/seed")
        self.wait("munged", lambda: (munge / "socket").exists())
        self.daemon(find("slurmctld"), "-D")
        self.daemon(find("slurmd"), "-D")
        self.wait("a node", lambda: self.call("sinfo", "--noheader", "--format=%T").stdout.strip() == "idle")

    def wait(self, name, condition, seconds=30):
        for _ in range(10 * seconds):
            if condition():
                return
            if any(daemon.poll() is not None for daemon in self.daemons):
                break
            time.sleep(0.1)
        raise TimeoutError(f"waited in vain for {name}:\n{self.logs()}")

    def logs(self):
        return "\n".join(f"{path.name}:\n{path.read_text(errors='replace')[-1500:]}"
                         for path in sorted([*self.folder.glob("*.log"), *self.folder.glob("*.out")]))

    def call(self, *command, **options):
        return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, timeout=60,
                              env=self.environment, **options)

    def idle(self):
        queue = self.call("squeue", "--noheader")
        return queue.returncode == 0 and not queue.stdout

    def wait_for_jobs(self, seconds=60):
        self.wait("the jobs", self.idle, seconds)

    def end(self):
        """With all jobs, of which slurmd ends the processes."""
        try:
            if len(self.daemons) == 3 and not self.idle():
                for more in (["--state=PENDING"], []):
                    self.call("scancel", f"--user={os.geteuid()}", *more)
                self.wait("the end of the jobs", self.idle, 15)
        except (OSError, subprocess.TimeoutExpired):  # what is left has a time limit
            pass
        finally:
            self.end_daemons()

    def end_daemons(self):
        for daemon in reversed(self.daemons):
            for number in (signal.SIGTERM, signal.SIGKILL):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(daemon.pid, number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    daemon.wait(10)
                    break
