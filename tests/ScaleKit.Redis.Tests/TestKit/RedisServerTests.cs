using System.Diagnostics;
using System.Net.Sockets;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.TestKit;

public sealed class RedisServerTests
{
    [Fact]
    public async Task StartAsync_Defaults_AnswersOnItsOwnPort()
    {
        await using var server = await RedisServer.StartAsync();

        Assert.Equal("OK", await server.CommandAsync("SET", "clé", "värde"));
        Assert.Equal("värde", await server.CommandAsync("GET", "clé"));
        Assert.Equal($"127.0.0.1:{server.Port}", server.ConnectionString);
    }

    [Fact]
    public async Task StartAsync_Password_IsRequired()
    {
        var options = new RedisServerOptions { Password = "open sesame" };
        options.AclUsers.Add("app on >secret ~app:* &app:* +@all");
        await using var server = await RedisServer.StartAsync(options);

        Assert.Equal("PONG", await server.CommandAsync("PING"));
        Assert.Contains("password=open sesame", server.ConnectionString, StringComparison.Ordinal);
        Assert.Contains("user app on", await server.CommandAsync("ACL", "LIST"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task KillAsync_WithoutPersistence_ComesBackEmptyOnTheSamePort()
    {
        await using var server = await RedisServer.StartAsync();
        await server.CommandAsync("SET", "k", "v");
        var (port, process) = (server.Port, server.ProcessId);

        await server.KillAsync();
        await Assert.ThrowsAnyAsync<SocketException>(() => server.CommandAsync("PING"));
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(process));
        await server.RestartAsync();

        Assert.Equal(port, server.Port);
        Assert.Equal("", await server.CommandAsync("GET", "k"));
    }

    [Theory]
    [InlineData(true, "v")]
    [InlineData(false, "")]
    public async Task RestartAsync_Persistent_KeepsDataAsAsked(bool keepData, string expected)
    {
        await using var server = await RedisServer.StartAsync(new RedisServerOptions { Persistent = true });
        await server.CommandAsync("SET", "k", "v");

        await server.RestartAsync(keepData);

        Assert.Equal(expected, await server.CommandAsync("GET", "k"));
    }

    [Fact]
    public async Task Pause_ThenResume_AnswersOnlyAfterwards()
    {
        await using var server = await RedisServer.StartAsync();
        server.Pause();
        var ping = server.CommandAsync("PING");

        await Eventually.HoldsAsync(() => StateOf(server.ProcessId) is 'T', "the process is stopped");
        Assert.False(ping.IsCompleted);
        server.Resume();

        Assert.Equal("PONG", await ping);
    }

    [Fact]
    public async Task FlushAsync_KeysAndScripts_AreGone()
    {
        await using var server = await RedisServer.StartAsync();
        var sha = await server.CommandAsync("SCRIPT", "LOAD", "return 1");
        await server.CommandAsync("SET", "k", "v");

        await server.FlushAsync();

        Assert.Equal("0", await server.CommandAsync("DBSIZE"));
        Assert.Equal("0", await server.CommandAsync("SCRIPT", "EXISTS", sha));
    }

    [Fact]
    public async Task CommandAsync_ErrorReply_Throws()
    {
        await using var server = await RedisServer.StartAsync();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => server.CommandAsync("NOSUCH"));
        Assert.Contains("unknown command", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prepare_NotStarted_RefusesUntilRestarted()
    {
        await using var server = RedisServer.Prepare();
        await Assert.ThrowsAnyAsync<SocketException>(() => server.CommandAsync("PING"));

        await server.RestartAsync();

        Assert.Equal("PONG", await server.CommandAsync("PING"));
    }

    [Fact]
    public void Find_MissingServer_NamesTheInstallLine()
    {
        var error = Assert.Throws<FileNotFoundException>(() => ServerTool.Find("no-such-server", "apt-get install no-such-server"));
        Assert.Contains("apt-get install no-such-server", error.Message, StringComparison.Ordinal);
    }

    private static char StateOf(int process) => File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1][0];
}
