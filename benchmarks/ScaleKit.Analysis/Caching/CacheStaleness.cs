using SessionCache;
using StackExchange.Redis;

namespace ScaleKit.Analysis.Caching;

/// <summary>How long after a removal on one node another one serves the old value: with a line to Redis, against a raw message, and with the line cut.</summary>
internal static class CacheStaleness
{
    public static readonly AnalysisCommand Command = new(
        "cache-staleness",
        "how long a node serves what another one has removed, with its line to Redis and without",
        new Dictionary<string, string>(StringComparer.Ordinal) { ["redis"] = "", ["rounds"] = "1000", ["cuts"] = "3", ["keys"] = "200", ["max-staleness-ms"] = "2000" },
        RunAsync);

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private static async Task RunAsync(AnalysisArguments arguments, AnalysisReport report)
    {
        var (rounds, cuts, keys) = (arguments.Number("rounds", 1, 1_000_000), arguments.Number("cuts", 1, 1_000), arguments.Number("keys", 1, 10_000));
        var maxStaleness = TimeSpan.FromMilliseconds(arguments.Number("max-staleness-ms", 100, 60_000));
        await using var redis = await RedisToMeasure.OfAsync(arguments);
        await using var relay = new TcpRelay(redis.Host, redis.Port);
        await using var a = new CacheNode(redis.EndPoint, maxStaleness);
        await using var b = new CacheNode($"127.0.0.1:{relay.Port}", maxStaleness);
        await ProgressBars.New().StartAsync(async progress =>
        {
            var (removing, cutting) = (progress.AddTask("removals", maxValue: rounds), progress.AddTask("cuts", maxValue: cuts, autoStart: false));
            await RemovalsAsync(a, redis, rounds, () => removing.Increment(1), arguments, report);
            cutting.StartTask();
            await CutsAsync(a, b, relay, (cuts, keys, maxStaleness), () => cutting.Increment(1), arguments, report);
        });
    }

    /// <summary>In turns with a raw message, so that what disturbs the machine disturbs both. No relay: both go straight to Redis, by two connections.</summary>
    private static async Task RemovalsAsync(CacheNode a, RedisToMeasure redis, int rounds, Action done, AnalysisArguments arguments, AnalysisReport report)
    {
        await using var near = new CacheNode(redis.EndPoint, Longest);
        using var sender = await ConnectionMultiplexer.ConnectAsync(redis.EndPoint);
        using var receiver = await ConnectionMultiplexer.ConnectAsync(redis.EndPoint);
        var channel = new RedisChannel($"scalekit-analysis:{Guid.NewGuid():N}", RedisChannel.PatternMode.Literal);
        var arrived = new TaskCompletionSource<long>();
        await receiver.GetSubscriber().SubscribeAsync(channel, (_, _) => Volatile.Read(ref arrived).TrySetResult(TimeProvider.System.GetTimestamp()));
        while (await sender.GetSubscriber().PublishAsync(channel, "is anybody there") == 0)
        {
            // The client subscribes by a line of its own, which may come up after it has said so.
            await PauseAsync();
        }

        var (raw, removal, stale) = (new Sample(), new Sample(), 0);
        var warmUp = Math.Min(rounds, 50);
        for (var i = -warmUp; i < rounds; i++)
        {
            // After the same pause as the removal: an idle machine takes its time to wake.
            await PauseAsync();
            Volatile.Write(ref arrived, new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously));
            var published = TimeProvider.System.GetTimestamp();
            var publishing = sender.GetSubscriber().PublishAsync(channel, "removed");
            var rawTook = TimeProvider.System.GetElapsedTime(published, await arrived.Task.WaitAsync(Longest, TimeProvider.System));
            await publishing;

            var key = $"removal:{Guid.NewGuid():N}";
            await near.UntilInMemoryAsync(key);
            await PauseAsync();
            var heard = near.Bus.NextAsync();
            var removed = TimeProvider.System.GetTimestamp();
            var removing = a.Cache.RemoveAsync(key);
            var took = TimeProvider.System.GetElapsedTime(removed, await heard.WaitAsync(Longest, TimeProvider.System));
            stale += await near.FromMemoryAsync(key) is null ? 0 : 1;
            await removing;
            if (i >= 0)
            {
                raw.Add(rawTook.TotalMicroseconds);
                removal.Add(took.TotalMicroseconds);
                done();
            }
        }

        report.TimeAtMost("remove_p50_times_raw", removal.Quantile(0.5) / raw.Quantile(0.5), 4);
        report.Figure("remove_p99_times_raw", removal.Quantile(0.99) / raw.Quantile(0.99));
        report.Figure("remove_p50_us", Math.Round(removal.Quantile(0.5)));
        report.Figure("remove_p99_us", Math.Round(removal.Quantile(0.99)));
        report.Figure("raw_p50_us", Math.Round(raw.Quantile(0.5)));
        report.Figure("raw_p99_us", Math.Round(raw.Quantile(0.99)));
        report.AtMost("stale_after_heard", stale, 0);
        var top = removal.Quantile(0.5) * 4;
        SvgBars.Write(
            arguments.FileFor("cache-staleness-removals.svg"),
            $"removals by the time until the other node is fresh, 40 parts from 0 to {top:0} µs; the last has the longer ones too",
            removal.Histogram(40, top),
            rounds / 40.0);
    }

    private static async Task CutsAsync(
        CacheNode a, CacheNode b, TcpRelay relay, (int Cuts, int Keys, TimeSpan MaxStaleness) plan, Action done, AnalysisArguments arguments, AnalysisReport report)
    {
        var (staleness, heal, staleAfterHeal) = (new Sample(), new Sample(), 0);
        for (var cut = 0; cut < plan.Cuts; cut++)
        {
            var keys = Enumerable.Range(0, plan.Keys).Select(_ => $"cut:{Guid.NewGuid():N}").ToArray();
            foreach (var key in keys.Append("kept"))
            {
                await b.UntilInMemoryAsync(key);
            }

            relay.Cut();
            foreach (var stale in await RemoveAndWatchAsync(a, b, keys, plan.MaxStaleness))
            {
                staleness.Add(stale.TotalMilliseconds);
            }

            var mendedAt = TimeProvider.System.GetTimestamp();
            relay.Mend();
            await b.UntilInMemoryAsync("kept");
            heal.Add(TimeProvider.System.GetElapsedTime(mendedAt).TotalMilliseconds);
            foreach (var key in keys)
            {
                staleAfterHeal += await b.GetAsync(key, "new") is "new" ? 0 : 1;
            }

            done();
        }

        report.AtMost("cut_stale_ms_max", Math.Round(staleness.Highest, 1), plan.MaxStaleness.TotalMilliseconds);
        report.Figure("cut_stale_ms_p50", Math.Round(staleness.Quantile(0.5), 1));
        report.Figure("heal_ms_max", Math.Round(heal.Highest, 1));
        report.AtMost("stale_after_heal", staleAfterHeal, 0);
        SvgBars.Write(
            arguments.FileFor("cache-staleness-cut.svg"),
            $"keys by how long they were served after their removal, by a node that is cut off; 40 parts from 0 to the bound, {plan.MaxStaleness.TotalMilliseconds:0} ms",
            staleness.Histogram(40, plan.MaxStaleness.TotalMilliseconds),
            plan.Cuts * plan.Keys / 40.0);
    }

    /// <summary>
    /// Removes key after key on A until well past the bound, and asks B for all of them all the time. A reading counts from when it begins: a pause of this process
    /// between the reading and the look at the clock would otherwise be the cache's.
    /// </summary>
    private static async Task<TimeSpan[]> RemoveAndWatchAsync(CacheNode a, CacheNode b, string[] keys, TimeSpan maxStaleness)
    {
        var removedAt = new long[keys.Length];
        var removing = Task.Run(async () =>
        {
            for (var i = 0; i < keys.Length; i++)
            {
                await a.Cache.RemoveAsync(keys[i]);
                Volatile.Write(ref removedAt[i], TimeProvider.System.GetTimestamp());
                await Task.Delay(maxStaleness * 1.2 / keys.Length, TimeProvider.System);
            }
        });

        var staleness = new TimeSpan[keys.Length];
        var startedAt = TimeProvider.System.GetTimestamp();
        for (var isAnyOld = true; isAnyOld || !removing.IsCompleted;)
        {
            isAnyOld = false;
            for (var i = 0; i < keys.Length; i++)
            {
                var removed = Volatile.Read(ref removedAt[i]);
                var askedAt = TimeProvider.System.GetTimestamp();
                if (removed != 0 && await b.FromMemoryAsync(keys[i]) is not null)
                {
                    staleness[i] = TimeProvider.System.GetElapsedTime(removed, askedAt);
                    isAnyOld = true;
                }
            }

            // A node that never notices must not hold the result up: what was measured is beyond the bound by then.
            if (TimeProvider.System.GetElapsedTime(startedAt) > (maxStaleness * 3) + Longest)
                break;
            await PauseAsync();
        }

        await removing;
        return staleness;
    }

    private static Task PauseAsync() => Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
}
