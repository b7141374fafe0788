using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ScaleKit.TestKit;

/// <summary>
/// A real redis-server of its own on a free loopback port, in a temporary folder. It can be killed, restarted on the same port,
/// paused and resumed, and it ends with the test process at the latest. Not thread-safe.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    private const string InstallLine = "apt-get install redis-server";
    private readonly RedisServerOptions _options;
    private readonly string _folder = ServerRoom.CreateFolder("redis");
    private readonly StringBuilder _log = new();
    private Process? _process;

    private RedisServer(RedisServerOptions options) => _options = options;

    /// <summary>The TCP port. It stays the same over a restart.</summary>
    public int Port { get; private set; }

    /// <summary>Address and port.</summary>
    public string EndPoint => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>The connection string of the default user, with its password.</summary>
    public string ConnectionString => _options.Password is { } password ? $"{EndPoint},password={password}" : EndPoint;

    /// <summary>The process, while it runs.</summary>
    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("The server does not run.");

    /// <summary>What the server has printed so far.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>Starts a server and returns when it answers.</summary>
    public static async Task<RedisServer> StartAsync(RedisServerOptions? options = null)
    {
        var server = new RedisServer(options ?? new RedisServerOptions());
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                server.Port = LoopbackPort.Find();
                if (await server.TryLaunchAsync())
                {
                    return server;
                }

                // Another process can take the port between the look and the start.
                if (attempt == 5 || !server.Log.Contains("Address already in use", StringComparison.Ordinal))
                {
                    throw new InvalidOperationException($"redis-server did not start: {server.Log}");
                }
            }
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>A free port is taken and a server prepared on it, but not started: the application comes first, Redis later.</summary>
    public static RedisServer Prepare(RedisServerOptions? options = null) =>
        new(options ?? new RedisServerOptions()) { Port = LoopbackPort.Find() };

    /// <summary>Ends the server as a crash does (SIGKILL).</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process)
        {
            return;
        }

        _process = null;
        Signals.Kill(process.Id);
        await process.WaitForExitAsync();
        ServerRoom.Leave(process.Id);
        process.Dispose();
    }

    /// <summary>Starts again on the same port after <see cref="KillAsync"/> (or kills first), with the data on disk, if any, or without.</summary>
    public async Task RestartAsync(bool keepData = true)
    {
        await KillAsync();
        if (!keepData)
        {
            Directory.Delete(_folder, recursive: true);
            Directory.CreateDirectory(_folder);
        }

        if (!await TryLaunchAsync())
        {
            throw new InvalidOperationException($"redis-server did not start again: {Log}");
        }
    }

    /// <summary>Stops the process in its tracks (SIGSTOP): connections stay open and nothing answers.</summary>
    public void Pause() => Signals.Pause(ProcessId);

    /// <summary>Lets a paused process go on (SIGCONT).</summary>
    public void Resume() => Signals.Resume(ProcessId);

    /// <summary>Deletes all keys and all cached scripts.</summary>
    public async Task FlushAsync()
    {
        await CommandAsync("FLUSHALL");
        await CommandAsync("SCRIPT", "FLUSH");
    }

    /// <summary>
    /// Sends one command as the default user over a connection of its own. Returns the reply as text: arrays flattened to one
    /// element per line, nil as empty text. An error reply throws <see cref="InvalidOperationException"/>.
    /// </summary>
    public Task<string> CommandAsync(params string[] arguments) => RespClient.SendAsync(Port, _options.Password, arguments);

    /// <summary>One field of INFO, for example <c>connected_clients</c>.</summary>
    public async Task<string> InfoAsync(string field)
    {
        var lines = (await CommandAsync("INFO", "everything")).Split("\r\n");
        return lines.FirstOrDefault(line => line.StartsWith(field + ":", StringComparison.Ordinal))?[(field.Length + 1)..]
            ?? throw new InvalidOperationException($"INFO has no field {field}.");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private async Task<bool> TryLaunchAsync()
    {
        var configuration = Path.Combine(_folder, "redis.conf");
        await File.WriteAllLinesAsync(configuration, ConfigurationLines());
        var start = new ProcessStartInfo(ServerTool.Find("redis-server", InstallLine), [configuration])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        var process = Process.Start(start) ?? throw new InvalidOperationException("redis-server did not start.");
        ServerRoom.Enter(process.Id);
        process.OutputDataReceived += (_, line) => Append(line.Data);
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        await Eventually.HoldsAsync(async () => process.HasExited || await AnswersAsync(process.Id), "redis-server answers PING");
        if (!process.HasExited)
        {
            return true;
        }

        await KillAsync();
        return false;
    }

    private IEnumerable<string> ConfigurationLines() =>
    [
        .. (string[])
        [
            string.Create(CultureInfo.InvariantCulture, $"port {Port}"),
            "bind 127.0.0.1",
            "protected-mode no",
            $"dir \"{_folder}\"",
            "save \"\"",
            "appendonly " + (_options.Persistent ? "yes" : "no"),
            "appendfsync always",
            "repl-diskless-sync-delay 0",
        ],
        .. _options.Password is { } password ? [$"requirepass \"{password}\"", $"masterauth \"{password}\""] : (string[])[],
        .. _options.AclUsers.Select(user => "user " + user),
        .. _options.ConfigurationLines,
    ];

    // Another test's server may have taken the port between the look and the start: it would answer as well.
    private async ValueTask<bool> AnswersAsync(int processId)
    {
        try
        {
            return await CommandAsync("PING") is "PONG" && await InfoAsync("process_id") == processId.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or InvalidOperationException or OperationCanceledException)
        {
            return false;
        }
    }

    private void Append(string? line)
    {
        lock (_log)
        {
            _log.AppendLine(line);
        }
    }
}
