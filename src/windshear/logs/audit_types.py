"""What the names and numbers of the Linux audit log mean: record types, system calls, and the UDM event types of both.

Numbers are those of the kernel's headers (`linux/audit.h`, `unistd.h` of x86-64, i386 and AArch64).
"""

from __future__ import annotations

from collections.abc import Mapping

# Records that the kernel writes beside a system call; alone they are what is left of one.
KERNEL_PARTS = frozenset(
    [
        *(
            "SYSCALL",
            "EXECVE",
            "CWD",
            "PATH",
            "PROCTITLE",
            "SOCKADDR",
            "SOCKETCALL",
            "FD_PAIR",
            "MMAP",
            "IPC",
            "OBJ_PID",
        ),
        *("BPRM_FCAPS", "CAPSET", "MQ_OPEN", "MQ_SENDRECV", "MQ_NOTIFY", "MQ_GETSETATTR", "IPC_SET_PERM", "OPENAT2"),
        *("URINGOP", "TIME_INJOFFSET", "TIME_ADJNTPVAL", "EOE", "PARENT_INFO", "CONTAINER_INFO"),
    ]
)

TYPE_NUMBERS: Mapping[str, str] = {
    "1006": "LOGIN",
    "1100": "USER_AUTH",
    "1101": "USER_ACCT",
    "1102": "USER_MGMT",
    "1103": "CRED_ACQ",
    "1104": "CRED_DISP",
    "1105": "USER_START",
    "1106": "USER_END",
    "1107": "USER_AVC",
    "1108": "USER_CHAUTHTOK",
    "1109": "USER_ERR",
    "1110": "CRED_REFR",
    "1112": "USER_LOGIN",
    "1113": "USER_LOGOUT",
    "1114": "ADD_USER",
    "1115": "DEL_USER",
    "1116": "ADD_GROUP",
    "1117": "DEL_GROUP",
    "1123": "USER_CMD",
    "1127": "SYSTEM_BOOT",
    "1128": "SYSTEM_SHUTDOWN",
    "1130": "SERVICE_START",
    "1131": "SERVICE_STOP",
    "1300": "SYSCALL",
    "1302": "PATH",
    "1305": "CONFIG_CHANGE",
    "1306": "SOCKADDR",
    "1307": "CWD",
    "1309": "EXECVE",
    "1320": "EOE",
    "1325": "NETFILTER_CFG",
    "1326": "SECCOMP",
    "1327": "PROCTITLE",
    "1330": "KERN_MODULE",
    "1334": "BPF",
    "1400": "AVC",
    "1700": "ANOM_PROMISCUOUS",
    "1701": "ANOM_ABEND",
}

# The UDM event types of records that are no part of a system call.
RECORD_EVENT_TYPES: Mapping[str, str] = {
    **dict.fromkeys(["EXECVE", "PROCTITLE", "PROC_EXECUTE", "CRON_START", "CROND", "USER_CMD"], "PROCESS_LAUNCH"),
    **dict.fromkeys(
        ["USER_LOGIN", "USER_AUTH", "USER_ACCT", "CRED_ACQ", "CRYPTO_KEY_USER", "USER_ERR", "LOGIN", "USER_START"],
        "USER_LOGIN",
    ),
    **dict.fromkeys(["USER_LOGOUT", "USER_END", "CRED_DISP", "CRYPTO_SESSION"], "USER_LOGOUT"),
    **dict.fromkeys(["CRED_REFR", "USER_ROLE_CHANGE", "ROLE_ASSIGN", "ROLE_REMOVE"], "USER_CHANGE_PERMISSIONS"),
    **dict.fromkeys(["USER_MGMT", "GRP_MGMT", "GRP_CHAUTHTOK"], "GROUP_MODIFICATION"),
    **dict.fromkeys(["USER_CHAUTHTOK", "ACCT_LOCK", "ACCT_UNLOCK"], "USER_CHANGE_PASSWORD"),
    "ADD_USER": "USER_CREATION",
    "DEL_USER": "USER_DELETION",
    "ADD_GROUP": "GROUP_CREATION",
    "DEL_GROUP": "GROUP_DELETION",
    "SERVICE_START": "SERVICE_START",
    "SERVICE_STOP": "SERVICE_STOP",
    "ANOM_ABEND": "PROCESS_TERMINATION",
    "KERN_MODULE": "PROCESS_MODULE_LOAD",
    **dict.fromkeys(["SECCOMP", "CWD", "OBJ_PID", "BPF", "SOCKADDR"], "PROCESS_UNCATEGORIZED"),
    **dict.fromkeys(["AVC", "USER_AVC", "SELINUX_ERR"], "STATUS_UNCATEGORIZED"),
    **dict.fromkeys(
        [
            *(
                "ANOM_PROMISCUOUS",
                "CONFIG_CHANGE",
                "NETFILTER_CFG",
                "MAC_POLICY_LOAD",
                "MAC_STATUS",
                "MAC_CONFIG_CHANGE",
            ),
            *("MAC_IPSEC_EVENT", "FEATURE_CHANGE", "TIME_INJOFFSET", "TIME_ADJNTPVAL", "DAEMON_CONFIG"),
        ],
        "SETTING_MODIFICATION",
    ),
    **dict.fromkeys(["DAEMON_START", "SYSTEM_BOOT"], "STATUS_STARTUP"),
    **dict.fromkeys(["DAEMON_END", "DAEMON_ABORT", "SYSTEM_SHUTDOWN"], "STATUS_SHUTDOWN"),
    **dict.fromkeys(
        ["SYSTEM_RUNLEVEL", "DAEMON_ROTATE", "DAEMON_RESUME", "DAEMON_ACCEPT", "DAEMON_CLOSE"], "STATUS_UPDATE"
    ),
}
# Under which names an event in JSON may hold its records.
BODIES = frozenset(["MESSAGE", *KERNEL_PARTS, *RECORD_EVENT_TYPES])
LOGINS = ("USER_LOGIN", "USER_AUTH", "USER_ACCT", "CRED_ACQ", "CRYPTO_KEY_USER", "USER_ERR", "LOGIN", "USER_START")

# System calls by name: on x86-64 (`c000003e`), AArch64 (`c00000b7`) and i386 (`40000003`); 0 where there is none.
_CALLS: Mapping[str, tuple[int, int, int]] = {
    "read": (0, 63, 3),
    "write": (1, 64, 4),
    "open": (2, 0, 5),
    "stat": (4, 0, 106),
    "lstat": (6, 0, 107),
    "access": (21, 0, 33),
    "sendto": (44, 206, 369),
    "sendmsg": (46, 211, 370),
    "socket": (41, 198, 359),
    "connect": (42, 203, 362),
    "accept": (43, 202, 0),
    "bind": (49, 200, 361),
    "listen": (50, 201, 363),
    "getsockname": (51, 204, 367),
    "getpeername": (52, 205, 368),
    "setsockopt": (54, 208, 366),
    "fork": (57, 0, 2),
    "vfork": (58, 0, 190),
    "clone": (56, 220, 120),
    "execve": (59, 221, 11),
    "exit": (60, 93, 1),
    "kill": (62, 129, 37),
    "truncate": (76, 45, 92),
    "ftruncate": (77, 46, 93),
    "chdir": (80, 49, 12),
    "rename": (82, 0, 38),
    "mkdir": (83, 0, 39),
    "rmdir": (84, 0, 40),
    "creat": (85, 0, 8),
    "link": (86, 0, 9),
    "unlink": (87, 0, 10),
    "symlink": (88, 0, 83),
    "chmod": (90, 0, 15),
    "fchmod": (91, 52, 94),
    "chown": (92, 0, 212),
    "fchown": (93, 55, 207),
    "lchown": (94, 0, 198),
    "ptrace": (101, 117, 26),
    "setuid": (105, 146, 213),
    "setgid": (106, 144, 214),
    "mknod": (133, 0, 14),
    "prctl": (157, 167, 172),
    "adjtimex": (159, 171, 124),
    "mount": (165, 40, 21),
    "umount2": (166, 39, 52),
    "settimeofday": (164, 170, 79),
    "sethostname": (170, 161, 74),
    "init_module": (175, 105, 128),
    "delete_module": (176, 106, 129),
    "setxattr": (188, 5, 226),
    "lsetxattr": (189, 6, 227),
    "fsetxattr": (190, 7, 228),
    "removexattr": (197, 14, 235),
    "clock_settime": (227, 112, 264),
    "openat": (257, 56, 295),
    "mkdirat": (258, 34, 296),
    "mknodat": (259, 33, 297),
    "fchownat": (260, 54, 298),
    "unlinkat": (263, 35, 301),
    "renameat": (264, 38, 302),
    "linkat": (265, 37, 303),
    "symlinkat": (266, 36, 304),
    "fchmodat": (268, 53, 306),
    "accept4": (288, 242, 364),
    "finit_module": (313, 273, 350),
    "renameat2": (316, 276, 353),
    "memfd_create": (319, 279, 356),
    "bpf": (321, 280, 357),
    "execveat": (322, 281, 358),
    "openat2": (437, 437, 437),
}
_X86_64 = {str(numbers[0]): name for name, numbers in _CALLS.items()}
_AARCH64 = {str(numbers[1]): name for name, numbers in _CALLS.items() if numbers[1]}
_I386 = {str(numbers[2]): name for name, numbers in _CALLS.items() if numbers[2]}
_CALLS_BY_ARCHITECTURE: Mapping[str, Mapping[str, str]] = {
    **dict.fromkeys(["c000003e", "0xc000003e", "x86_64"], _X86_64),
    **dict.fromkeys(["c00000b7", "0xc00000b7", "aarch64"], _AARCH64),
    **dict.fromkeys(["40000003", "0x40000003", "i386"], _I386),
}


def call_name(architecture: str, call: str) -> str | None:
    """Return the name of a system call, given its name or its number on an architecture; None if it is not known.

    >>> call_name("c000003e", "59")
    'execve'
    """
    return _CALLS_BY_ARCHITECTURE.get(architecture, {}).get(call) if call.isdigit() else call


LAUNCHES = ("execve", "execveat")
OPENS = ("open", "openat", "openat2", "stat", "lstat", "access")
CREATIONS = ("creat", "mkdir", "mkdirat", "mknod", "mknodat", "link", "linkat", "symlink", "symlinkat")
DELETIONS = ("unlink", "unlinkat", "rmdir")
MODIFICATIONS = (
    *("rename", "renameat", "renameat2", "truncate", "ftruncate", "chmod", "fchmod", "fchmodat", "chown", "fchown"),
    *("fchownat", "lchown", "setxattr", "lsetxattr", "fsetxattr", "removexattr"),
)
CONNECTIONS = ("connect", "accept", "accept4", "bind", "sendto", "sendmsg", "listen")
MODULES = ("init_module", "finit_module", "delete_module")
SETTINGS = ("adjtimex", "settimeofday", "clock_settime", "sethostname")
