using System.Diagnostics;
using ScaleKit.Caching;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Caching;

/// <summary>Processes that the operating system stops and lets go on: real time passes and no line breaks, so nobody is told.</summary>
public sealed class RedisCacheStopTests
{
    private static readonly TimeSpan Stop = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Server_StoppedForFiveSeconds_NothingOldIsServedAfterwards()
    {
        await using var server = await RedisServer.StartAsync();
        await using var a = new CacheNode(server.ConnectionString, o => o.MaxStaleness = TimeSpan.FromSeconds(1));
        await using var b = new CacheNode(server.ConnectionString, o => o.MaxStaleness = TimeSpan.FromSeconds(1));
        await b.ReadyAsync();
        await b.GetAsync("k", "old");
        server.Pause();
        var stopped = Stopwatch.StartNew();

        // The record stands in the server's socket, perhaps, and is carried out when it goes on; the caller only hears that he does not know.
        await Assert.ThrowsAsync<RedisUnavailableException>(async () => await a.Cache.RemoveAsync("k"));
        await Eventually.HoldsAsync(async () => await b.GetAsync("k", "made") == "made", "the memory level is suspect");
        await Eventually.HoldsAsync(() => stopped.Elapsed > Stop, "five seconds have passed");
        server.Resume();

        await Eventually.HoldsAsync(
            async () =>
            {
                try
                {
                    await a.Cache.RemoveAsync("k");
                    return true;
                }
                catch (RedisUnavailableException)
                {
                    return false;
                }
            },
            "the server takes the removal");
        await Eventually.HoldsAsync(async () => await b.GetAsync("k", "new") == "new", "nothing old is served");
        await Eventually.HoldsAsync(async () => await b.GetAsync("other", "1") == await b.GetAsync("other", "2"), "the cache works again");
    }

    [Fact]
    public async Task Process_StoppedForLongerThanMaxStaleness_ServesNothingVoidWhenItGoesOn()
    {
        await using var server = await RedisServer.StartAsync();
        await using var a = new CacheNode(server.ConnectionString);
        await using var b = TalkingProgram.Start(typeof(RedisCacheStopTests).Assembly.GetName().Name!, nameof(TwoLevelCache), server.ConnectionString, "00:00:02");
        await Eventually.HoldsAsync(async () => await b.AskAsync("ready 1") == await b.AskAsync("ready 2"), "the process is in step");
        Assert.Equal("old", await b.AskAsync("k old"));
        Assert.Equal("old", await b.AskAsync("k new"));
        b.Pause();
        var stopped = Stopwatch.StartNew();
        await a.Cache.RemoveAsync("k");
        await b.SayAsync("k new");
        await Eventually.HoldsAsync(() => stopped.Elapsed > Stop, "five seconds have passed");

        b.Resume();

        // The question waits for the process already: it may well be the first thing that it sees.
        Assert.Equal("new", await b.HearAsync());
    }
}
