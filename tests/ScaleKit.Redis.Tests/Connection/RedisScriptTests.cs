using System.Text;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Connection;

public sealed class RedisScriptTests
{
    private static readonly RedisScript Health = RedisScript.Load("Connection", "Health");

    [Fact]
    public async Task Files_EachScript_LoadsOnARealServer()
    {
        await using var server = await RedisServer.StartAsync();
        Assert.Contains("Connection/Health.lua", RedisScript.Files);
        foreach (var file in RedisScript.Files)
        {
            var script = RedisScript.Load(Path.GetDirectoryName(file)!, Path.GetFileNameWithoutExtension(file));

            Assert.Equal(Convert.ToHexStringLower(script.Hash), await server.CommandAsync("SCRIPT", "LOAD", script.Source));
        }
    }

    [Fact]
    public void Load_UnknownName_ListsWhatThereIs()
    {
        var error = Assert.Throws<ArgumentException>(() => RedisScript.Load("Connection", "NoSuch"));
        Assert.Contains("Connection/Health.lua", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ServerRestartedWithoutData_SendsTheScriptAgain()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await Connect.To(server).ReadyAsync();
        Assert.Equal("1", await server.CommandAsync("SCRIPT", "EXISTS", Convert.ToHexStringLower(Health.Hash)));

        await server.RestartAsync(keepData: false);
        Assert.Equal("0", await server.CommandAsync("SCRIPT", "EXISTS", Convert.ToHexStringLower(Health.Hash)));
        await Eventually.HoldsAsync(async () => (await connection.CheckHealthAsync()).IsHealthy, "healthy after the restart");

        Assert.Equal("1", await server.CommandAsync("SCRIPT", "EXISTS", Convert.ToHexStringLower(Health.Hash)));
    }

    [Fact]
    public async Task RunAsync_ScriptsFlushed_CostsOneRetryAndNoFailure()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await Connect.To(server).ReadyAsync();

        await server.CommandAsync("SCRIPT", "FLUSH");
        Assert.True((await connection.CheckHealthAsync()).IsHealthy);
        await connection.CheckHealthAsync();

        // One EVAL for each time that the server did not know the script, everything else by hash.
        Assert.StartsWith("calls=2,", await server.InfoAsync("cmdstat_eval"), StringComparison.Ordinal);
        Assert.StartsWith("calls=3,", await server.InfoAsync("cmdstat_evalsha"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_KeysAndArguments_ArriveAsGiven()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = Connect.To(server);
        var name = connection.Names.Name("test", "k");

        await server.CommandAsync("SET", Encoding.UTF8.GetString(name.ToBytes()), "5");
        var echo = RedisScript.Load("Connection", "Echo", typeof(RedisScriptTests).Assembly);
        var items = (await connection.RunAsync(echo, [name, name], [7, "text", new byte[] { 0, 255 }], CancellationToken.None)).ToItems();

        Assert.Equal("5", items[0].ToText());
        Assert.Equal(7, items[1].ToInt64());
        Assert.Equal("text", items[2].ToText());
        Assert.Equal([0, 255], items[3].ToBytes());
        Assert.True(items[4].IsNull);
    }

    [Fact]
    public async Task RunAsync_KeysAndArgumentsUsedAgain_AreThoseOfTheCall()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = Connect.To(server);
        var echo = RedisScript.Load("Connection", "Echo", typeof(RedisScriptTests).Assembly);
        RedisKeys keys = [connection.Names.Name("test", "none"), connection.Names.Name("test", "none")];
        RedisArguments arguments = [0, "", ""];

        for (var i = 1; i <= 3; i++)
        {
            await connection.SetAsync($"{i}", [(byte)('0' + i)]);
            (keys[1], arguments[0]) = (connection.Names.Name("test", $"{i}"), i * 10);
            var items = (await connection.RunAsync(echo, keys, arguments, CancellationToken.None)).ToItems();

            Assert.Equal(($"{i}", i * 10), (items[0].ToText(), items[1].ToInt64()));
        }
    }

    [Fact]
    public async Task RunAsync_ScriptFails_IsADefectAndNotAnOutage()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = Connect.To(server, o => o.BreakerMinimumCalls = 2);
        var broken = RedisScript.Load("Connection", "Broken", typeof(RedisScriptTests).Assembly);

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(RedisFailure.CommandRefused, await Connect.FailureAsync(connection.RunAsync(broken, [], [], CancellationToken.None)));
        }

        Assert.True((await connection.CheckHealthAsync()).IsHealthy);
    }
}
