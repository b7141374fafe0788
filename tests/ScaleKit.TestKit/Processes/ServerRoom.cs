using System.Diagnostics;

namespace ScaleKit.TestKit;

/// <summary>
/// Where the servers of one test process live: a temporary folder, and a watchman that ends them all when the test process
/// is gone, however it went. The watchman reads a pipe; the kernel closes that pipe even when the test process is killed.
/// </summary>
internal static class ServerRoom
{
    private const string Watchman = """
        exec >/dev/null 2>&1
        trap '' INT TERM HUP
        pids=
        while read -r change pid; do
          case $change in
            +) pids="$pids $pid" ;;
            -) kept=; for p in $pids; do [ "$p" = "$pid" ] || kept="$kept $p"; done; pids=$kept ;;
          esac
        done
        for p in $pids; do pkill -9 -P "$p"; kill -9 "$p"; done
        rm -rf -- "$1"
        """;

    private static readonly Lock Gate = new();
    private static Process? _watchman;
    private static string? _root;

    /// <summary>Makes an empty folder for one server.</summary>
    public static string CreateFolder(string name)
    {
        lock (Gate)
        {
            Open_NeedsLock();
            var folder = Path.Combine(_root!, $"{name}-{Guid.NewGuid():N}");
            Directory.CreateDirectory(folder);
            return folder;
        }
    }

    public static void Enter(int processId) => Tell('+', processId);

    public static void Leave(int processId) => Tell('-', processId);

    private static void Tell(char change, int processId)
    {
        lock (Gate)
        {
            Open_NeedsLock();
            _watchman!.StandardInput.WriteLine($"{change} {processId}");
            _watchman.StandardInput.Flush();
        }
    }

    private static void Open_NeedsLock()
    {
        if (_watchman is not null)
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("The servers that these tests start run on Linux and macOS; on Windows use WSL.");
        }

        _root = Directory.CreateTempSubdirectory("scalekit-servers-").FullName;

        // PostgreSQL runs as another user and must be able to walk through.
        File.SetUnixFileMode(_root, File.GetUnixFileMode(_root) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, UseShellExecute = false };
        foreach (var argument in (string[])["-c", Watchman, "watchman", _root])
        {
            start.ArgumentList.Add(argument);
        }

        _watchman = Process.Start(start) ?? throw new InvalidOperationException("The watchman did not start.");
        _watchman.StandardInput.AutoFlush = true;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => _watchman.StandardInput.Close();
    }
}
