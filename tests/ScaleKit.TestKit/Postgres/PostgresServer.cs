using System.Globalization;
using Npgsql;

namespace ScaleKit.TestKit;

/// <summary>
/// A real PostgreSQL of its own on a free loopback port, in a temporary folder, as user <c>postgres</c> when the tests run as root
/// (PostgreSQL refuses root). It can be killed, restarted on the same port, paused and resumed, and it ends with the test process at
/// the latest. Committed data survives a kill. Not thread-safe.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string InstallLine = "apt-get install postgresql";
    private const string SystemUser = "postgres";
    private readonly string _home = ServerRoom.CreateFolder("postgres");
    private int _processId;

    private PostgresServer()
    {
    }

    /// <summary>The TCP port. It stays the same over a restart.</summary>
    public int Port { get; private set; }

    /// <summary>The connection string of the superuser to the database <c>postgres</c>.</summary>
    public string ConnectionString => ConnectionStringOf("postgres");

    /// <summary>What the server has logged so far.</summary>
    public string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    private string DataFolder => Path.Combine(_home, "data");

    private string LogFile => Path.Combine(_home, "server.log");

    /// <summary>Makes a database cluster, starts the server and returns when it takes connections.</summary>
    public static async Task<PostgresServer> StartAsync()
    {
        var server = new PostgresServer();
        try
        {
            if (Environment.IsPrivilegedProcess)
            {
                await ServerTool.RunAsync("chown", SystemUser, server._home);
            }

            await server.RunAsync("initdb", "-D", server.DataFolder, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
            for (var attempt = 1; ; attempt++)
            {
                server.Port = LoopbackPort.Find();
                try
                {
                    await server.LaunchAsync();
                    return server;
                }
                catch (InvalidOperationException) when (attempt < 5 && server.Log.Contains("Address already in use", StringComparison.Ordinal))
                {
                    // Another process took the port between the look and the start.
                }
            }
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Creates a database and returns its connection string. The name is quoted, so any name will do.</summary>
    public async Task<string> CreateDatabaseAsync(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        await using var source = NpgsqlDataSource.Create(ConnectionString);
        await using var command = source.CreateCommand($"CREATE DATABASE \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
        await command.ExecuteNonQueryAsync();
        return ConnectionStringOf(name);
    }

    /// <summary>Ends the server and all its backends as a crash does (SIGKILL).</summary>
    public async Task KillAsync()
    {
        if (_processId == 0)
        {
            return;
        }

        // The postmaster first: alive, it would restart the backends that die under it.
        var family = Family();
        foreach (var member in family)
        {
            Signals.Kill(member);
        }

        await Eventually.HoldsAsync(() => family.All(member => !IsAlive(member)), "PostgreSQL is gone");
        ServerRoom.Leave(_processId);
        _processId = 0;

        // In a container whose first process reaps nobody the dead postmaster stays a zombie, and its pid file would look valid.
        File.Delete(Path.Combine(DataFolder, "postmaster.pid"));
    }

    /// <summary>Starts again on the same port after <see cref="KillAsync"/> (or kills first); recovery brings committed data back.</summary>
    public async Task RestartAsync()
    {
        await KillAsync();
        await LaunchAsync();
    }

    /// <summary>Stops the server and its backends in their tracks (SIGSTOP): connections stay open and nothing answers.</summary>
    public void Pause()
    {
        foreach (var member in Family())
        {
            Signals.Pause(member);
        }
    }

    /// <summary>Lets a paused server go on (SIGCONT).</summary>
    public void Resume()
    {
        foreach (var member in Family())
        {
            Signals.Resume(member);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (Directory.Exists(_home))
        {
            Directory.Delete(_home, recursive: true);
        }
    }

    private string ConnectionStringOf(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = "postgres",
        Database = database,
    }.ConnectionString;

    private async Task LaunchAsync()
    {
        // fsync guards against a crash of the machine, which no test makes; a killed process loses nothing that it wrote.
        var settings = string.Create(
            CultureInfo.InvariantCulture,
            $"-p {Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=100 -c shared_buffers=32MB");

        // With -l the server keeps no pipe of the caller open.
        await RunAsync("pg_ctl", "start", "-w", "-D", DataFolder, "-l", LogFile, "-o", settings);
        var lines = await File.ReadAllLinesAsync(Path.Combine(DataFolder, "postmaster.pid"));
        _processId = int.Parse(lines[0], CultureInfo.InvariantCulture);
        ServerRoom.Enter(_processId);
    }

    private async Task RunAsync(string program, params string[] arguments)
    {
        var versions = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [];
        var folders = versions
            .OrderByDescending(folder => double.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var v) ? v : 0)
            .Select(folder => Path.Combine(folder, "bin"));
        var path = ServerTool.Find(program, InstallLine, folders);
        try
        {
            await (Environment.IsPrivilegedProcess
                ? ServerTool.RunAsync("setpriv", ["--reuid", SystemUser, "--regid", SystemUser, "--clear-groups", path, .. arguments])
                : ServerTool.RunAsync(path, arguments));
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidOperationException($"{e.Message}{Environment.NewLine}{Log}", e);
        }
    }

    private List<int> Family()
    {
        if (_processId == 0)
        {
            throw new InvalidOperationException("The server does not run.");
        }

        var children = Directory.GetDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && ParentOf(id) == _processId);
        return [_processId, .. children];
    }

    private static int ParentOf(int processId) =>
        StatOf(processId) is [_, var parent, ..] ? int.Parse(parent, CultureInfo.InvariantCulture) : 0;

    private static bool IsAlive(int processId) => StatOf(processId) is [not "Z", ..];

    // /proc/<pid>/stat: the name stands in brackets and may hold anything; state and parent follow the last bracket.
    private static string[] StatOf(int processId)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return [];
        }
    }
}
