using System.Collections.Concurrent;
using System.Diagnostics;
using ScaleKit.RateLimiting;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.RateLimiting;

/// <summary>
/// Three nodes whose clocks stand hours apart, random bursts, a server that is stopped on the way. Every admission is written down with the time before its call
/// and the time after it: whatever lies in one window for certain is never more than the limit.
/// </summary>
public sealed class RedisRateLimitSoakTests
{
    private const int Limit = 200;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(0.8);

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    public async Task AcquireAsync_NodesWithClocksApartAndAServerThatStops_NeverMoreThanTheLimitInAnyWindow(int leaseLimit)
    {
        await using var server = await RedisServer.StartAsync();
        var policy = new RateLimitPolicy("p", Limit, Window) { LeaseLimit = leaseLimit };
        var admitted = new ConcurrentBag<(long Before, long After)>();
        var refused = new ConcurrentBag<TimeSpan>();
        using var end = new CancellationTokenSource();
        var nodes = new[] { -30, 0, 7 }.Select(hours => NodeAsync(server, policy, hours, admitted, refused, end.Token)).ToArray();

        // Long enough for several windows, whatever the machine does; stopped for longer than every timeout.
        await Eventually.HoldsAsync(() => admitted.Count >= 4 * Limit && !refused.IsEmpty, "four windows' permits were taken, and one window's all", TimeSpan.FromMinutes(2));
        server.Pause();
        var stopped = Stopwatch.GetTimestamp();
        await Eventually.HoldsAsync(() => Stopwatch.GetElapsedTime(stopped) > TimeSpan.FromSeconds(1.2), "the server stands still");
        server.Resume();
        var (resumed, full) = (admitted.Count, refused.Count);
        await Eventually.HoldsAsync(() => admitted.Count >= resumed + (4 * Limit) && refused.Count > full, "and four windows' more, and one window's all", TimeSpan.FromMinutes(2));
        await end.CancelAsync();
        await Task.WhenAll(nodes);

        Assert.InRange(MostInOneWindow([.. admitted]), 1, Limit);
    }

    private static async Task NodeAsync(
        RedisServer server, RateLimitPolicy policy, int hours, ConcurrentBag<(long Before, long After)> admitted, ConcurrentBag<TimeSpan> refused, CancellationToken end)
    {
        await using var connection = await Connect.To(server, o => (o.CallTimeout, o.BreakerPause) = (TimeSpan.FromSeconds(0.4), TimeSpan.FromSeconds(0.5))).ReadyAsync();
        using var store = new RedisRateLimitStore(
            connection, new RedisRateLimitOptions { Timeout = TimeSpan.FromSeconds(0.4), WhenUnavailable = RateLimitFallback.Closed }, new ShiftedClock(TimeSpan.FromHours(hours)));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(seed => Task.Run(
            async () =>
            {
                var random = new Random((hours * 10) + seed);
                while (!end.IsCancellationRequested)
                {
                    for (var burst = random.Next(1, 60); burst > 0; burst--)
                    {
                        var before = Stopwatch.GetTimestamp();
                        var decision = await store.AcquireAsync(new RateLimitCharge(policy, "k"), CancellationToken.None);
                        if (decision.IsAcquired)
                        {
                            admitted.Add((before, Stopwatch.GetTimestamp()));
                        }
                        else if (decision.RetryAfter < TimeSpan.FromSeconds(1))
                        {
                            // By Redis, for the limit was reached: the fallback says a second.
                            refused.Add(decision.RetryAfter);
                        }
                    }

                    await Task.Delay(TimeSpan.FromMilliseconds(random.Next(0, 40)), TimeProvider.System, CancellationToken.None);
                }
            },
            CancellationToken.None)));
    }

    private static int MostInOneWindow((long Before, long After)[] admitted)
    {
        var length = (long)(Window.TotalSeconds * Stopwatch.Frequency);
        var most = 0;
        var byBefore = admitted.OrderBy(a => a.Before).ToArray();
        for (var first = 0; first < byBefore.Length; first++)
        {
            var end = byBefore[first].Before + length;
            var inside = 0;
            for (var i = first; i < byBefore.Length && byBefore[i].Before < end; i++)
            {
                inside += byBefore[i].After < end ? 1 : 0;
            }

            most = Math.Max(most, inside);
        }

        return most;
    }

    /// <summary>The system's time, hours off, on its wall and in its timestamps.</summary>
    private sealed class ShiftedClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;

        public override long GetTimestamp() => base.GetTimestamp() + (long)((by.TotalSeconds + 1_000_000) * TimestampFrequency);
    }
}
