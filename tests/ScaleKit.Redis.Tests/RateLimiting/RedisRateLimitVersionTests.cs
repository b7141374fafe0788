using System.Text;
using ScaleKit.RateLimiting;
using ScaleKit.RateLimiting.Tests;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.RateLimiting;

/// <summary>What another version may have stored: a float in front that is no width.</summary>
public sealed class RedisRateLimitVersionTests : IAsyncLifetime
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private RedisServer _server = null!;
    private RedisConnection _connection = null!;

    public async Task InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _connection = await Connect.To(_server).ReadyAsync();
    }

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(3, float.NaN)]
    [InlineData(1_000, float.NaN)]
    [InlineData(1_000_000, float.NaN)]
    [InlineData(3, 1.5f)]
    [InlineData(1_000, 2f)]
    [InlineData(1_000_000, 1e20f)]
    [InlineData(1_000, float.NegativeInfinity)]
    public async Task AcquireAsync_ValueOfAnotherVersion_IsLeftAloneAndAnsweredByTheFallbackWithItsKeyAlone(int limit, float mark)
    {
        using var logs = new RecordingLoggerFactory();
        using var store = new RedisRateLimitStore(
            _connection, new RedisRateLimitOptions { Timeout = TimeSpan.FromSeconds(30), WhenUnavailable = RateLimitFallback.Closed }, loggerFactory: logs);
        var policy = new RateLimitPolicy("p", limit, Hour);
        var name = WindowName.Of(_connection.Names, "p", "strange");
        byte[] value = [.. BitConverter.GetBytes(mark), .. Enumerable.Range(0, 28).Select(i => (byte)i)];
        await _connection.SetAsync(name, value, Hour, CancellationToken.None);
        var (strange, plain) = (new RateLimitCharge(policy, "strange"), new RateLimitCharge(policy, "plain"));

        // The first two go alone, the others together.
        _server.Pause();
        var calls = Enumerable.Range(0, 6).Select(i => store.AcquireAsync(i % 2 == 0 ? strange : plain).AsTask()).ToArray();
        _server.Resume();
        var decisions = await Task.WhenAll(calls);

        Assert.All(decisions.Where((_, i) => i % 2 == 0), d => Assert.Equal((RateLimitOutcome.Refused, TimeSpan.FromSeconds(1)), (d.Outcome, d.RetryAfter)));
        Assert.All(decisions.Where((_, i) => i % 2 == 1), d => Assert.True(d.IsAcquired));
        Assert.Equal(limit - 3, decisions[5].Remaining);
        Assert.False((await store.AcquireAllAsync(new[] { plain, strange })).IsAcquired);
        Assert.False(await store.SettleAsync(strange, actual: 0));
        Assert.Equal(value, await _connection.GetAsync(name, CancellationToken.None));
        Assert.Single(logs.Entries, entry => entry.Text.Contains("a version that this one does not know", StringComparison.Ordinal));

        // Nothing of it is remembered: with its end the key is an ordinary one.
        await _server.CommandAsync("DEL", Encoding.UTF8.GetString(name.ToBytes()));
        Assert.Equal(limit - 1, (await store.AcquireAsync(strange)).Remaining);
        Assert.Equal(limit - 3, (await store.AcquireAsync(new RateLimitCharge(policy, "plain", 0))).Remaining);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1_000)]
    public async Task AcquireAsync_ValueTooShort_IsNotRead(int limit)
    {
        using var store = new RedisRateLimitStore(
            _connection, new RedisRateLimitOptions { Timeout = TimeSpan.FromSeconds(30), WhenUnavailable = RateLimitFallback.Open });
        var policy = new RateLimitPolicy("p", limit, Hour);
        var name = WindowName.Of(_connection.Names, "p", "k");
        foreach (var length in Enumerable.Range(0, 15).Where(l => l is not 11))
        {
            await _connection.SetAsync(name, new byte[length], Hour, CancellationToken.None);

            Assert.Equal(RateLimitOutcome.Bypassed, (await store.AcquireAsync(new RateLimitCharge(policy, "k"))).Outcome);
        }
    }
}
