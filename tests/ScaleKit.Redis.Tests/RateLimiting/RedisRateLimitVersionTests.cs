using System.Text;
using ScaleKit.RateLimiting;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.RateLimiting;

/// <summary>What another version may have stored: a float in front that is no width, or a length that no value has.</summary>
public sealed class RedisRateLimitVersionTests : OnItsOwnServer
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(3, float.NaN, 32)]
    [InlineData(1_000, float.NaN, 32)]
    [InlineData(1_000, float.NaN, 32, 50)]
    [InlineData(1_000_000, float.NaN, 32)]
    [InlineData(3, 1.5f, 32)]
    [InlineData(1_000, 2f, 32)]
    [InlineData(1_000_000, 1e20f, 32)]
    [InlineData(1_000, float.NegativeInfinity, 32)]
    [InlineData(3, 225_000_000f, 33)]
    [InlineData(3, -225_000_000f, 34)]
    [InlineData(1_000, 0f, 33)]
    public async Task AcquireAsync_ValueOfAnotherVersion_IsLeftAloneAndAnsweredByTheFallbackWithItsKeyAlone(int limit, float mark, int length, int leaseLimit = 0)
    {
        using var logs = new RecordedLog();
        using var store = new RedisRateLimitStore(Connection, Patient, loggerFactory: logs);
        var policy = new RateLimitPolicy("p", limit, Hour) { LeaseLimit = leaseLimit };
        var name = WindowName.Of(Connection.Names, "p", "strange");
        byte[] value = [.. BitConverter.GetBytes(mark), .. Enumerable.Range(0, length - sizeof(float)).Select(i => (byte)i)];
        await Connection.SetAsync(name, value, Hour, CancellationToken.None);
        var (strange, plain) = (new RateLimitCharge(policy, "strange"), new RateLimitCharge(policy, "plain"));

        // The first two go alone, the others together.
        Server.Pause();
        var calls = Enumerable.Range(0, 6).Select(i => store.AcquireAsync(i % 2 == 0 ? strange : plain).AsTask()).ToArray();
        Server.Resume();
        var decisions = await Task.WhenAll(calls);

        Assert.All(decisions.Where((_, i) => i % 2 == 0), d => Assert.Equal((RateLimitOutcome.Refused, TimeSpan.FromSeconds(1)), (d.Outcome, d.RetryAfter)));
        Assert.All(decisions.Where((_, i) => i % 2 == 1), d => Assert.True(d.IsAcquired));
        Assert.Equal([limit - 3, limit - 2, limit - 1], decisions.Where((_, i) => i % 2 == 1).Select(d => d.Remaining).Order());
        Assert.False((await store.AcquireAllAsync(new[] { plain, strange })).IsAcquired);
        Assert.False(await store.SettleAsync(strange, actual: 0));
        Assert.Equal(value, await Connection.GetAsync(name, CancellationToken.None));
        Assert.Single(logs.Lines, line => line.Contains("a version that this one does not know", StringComparison.Ordinal));

        // Nothing of it is remembered: with its end the key is an ordinary one.
        await Server.CommandAsync("DEL", Encoding.UTF8.GetString(name.ToBytes()));
        Assert.Equal(limit - 1, (await store.AcquireAsync(strange)).Remaining);
        Assert.Equal(limit - 3, (await store.AcquireAsync(new RateLimitCharge(policy, "plain", 0))).Remaining);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1_000)]
    public async Task AcquireAsync_ValueTooShort_IsNotRead(int limit)
    {
        using var store = new RedisRateLimitStore(
            Connection, new RedisRateLimitOptions { Timeout = TimeSpan.FromSeconds(30), WhenUnavailable = RateLimitFallback.Open });
        var policy = new RateLimitPolicy("p", limit, Hour);
        var name = WindowName.Of(Connection.Names, "p", "k");
        foreach (var length in Enumerable.Range(0, 15).Where(l => l is not 11))
        {
            await Connection.SetAsync(name, new byte[length], Hour, CancellationToken.None);

            Assert.Equal(RateLimitOutcome.Bypassed, (await store.AcquireAsync(new RateLimitCharge(policy, "k"))).Outcome);
        }
    }
}
