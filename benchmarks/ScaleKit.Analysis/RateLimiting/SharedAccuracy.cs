using ScaleKit.RateLimiting;
using ScaleKit.Redis;

namespace ScaleKit.Analysis.RateLimiting;

/// <summary>The same question on a real server in real time: several nodes, each with a wrong clock of its own, beside the classical sorted set.</summary>
internal static class SharedAccuracy
{
    private static readonly int[] HoursOff = [0, -5, 7, -30, 11];

    public static async Task RunAsync(AnalysisArguments arguments, AnalysisReport report)
    {
        var (nodes, limit) = (arguments.Number("nodes", 1, 100), arguments.Number("limit", 2, 10_000));
        var (windows, seed) = (arguments.Number("redis-windows", 4, 1_000), (int)arguments.Number("seed"));
        var window = TimeSpan.FromMilliseconds(arguments.Number("redis-window-ms", 100, 60_000));
        (string Name, long[] Calls)[] traffic =
        [
            ("edges", [.. Arrivals.AtEdges(limit, window.Ticks, windows)]),
            ("poisson", [.. Arrivals.Poisson(limit, window.Ticks, windows, seed)]),
            ("bursts", [.. Arrivals.InBursts(limit, window.Ticks, windows, seed)]),
        ];
        await using var redis = await RedisToMeasure.OfAsync(arguments);
        await using var fleet = await Fleet.StartAsync(redis.EndPoint, nodes, limit, window);
        await ProgressBars.New().StartAsync(async progress =>
        {
            var task = progress.AddTask($"{nodes} nodes on Redis, clocks hours apart", maxValue: traffic.Length * 2);
            foreach (var (pattern, calls) in traffic)
            {
                var own = await ReplayAsync(calls, i => fleet.TakeAsync(i, pattern));
                task.Increment(1);
                var classical = await ReplayAsync(calls, i => fleet.TakeClassicalAsync(i, pattern));
                task.Increment(1);
                report.AtMost($"redis_{pattern}_scalekit_most", WindowMeasure.SurelyMost(own, window.Ticks) / (double)limit, 1);
                report.Figure($"redis_{pattern}_sorted_set_most", WindowMeasure.SurelyMost(classical, window.Ticks) / (double)limit);
                report.AtLeast($"redis_{pattern}_scalekit_admitted", own.Count, limit);
            }
        });
    }

    /// <summary>Sends every call at its time, whether those before were answered or not.</summary>
    /// <returns>When the admitted ones were sent and answered, in ticks.</returns>
    private static async Task<List<(long SentAt, long AnsweredAt)>> ReplayAsync(long[] calls, Func<int, Task<bool>> take)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        long Now() => TimeProvider.System.GetElapsedTime(startedAt).Ticks;
        async Task<(bool IsTaken, long SentAt, long AnsweredAt)> SendAsync(int call)
        {
            var sentAt = Now();
            return (await take(call), sentAt, Now());
        }

        var under = new List<Task<(bool IsTaken, long SentAt, long AnsweredAt)>>(calls.Length);
        for (var i = 0; i < calls.Length; i++)
        {
            if (calls[i] - Now() is var early && early > TimeSpan.TicksPerMillisecond)
            {
                await Task.Delay(TimeSpan.FromTicks(early), TimeProvider.System);
            }

            under.Add(SendAsync(i));
        }

        return [.. (await Task.WhenAll(under)).Where(call => call.IsTaken).Select(call => (call.SentAt, call.AnsweredAt))];
    }

    private sealed class Fleet(RateLimitPolicy policy) : IAsyncDisposable
    {
        private readonly List<(RedisConnection Connection, RedisRateLimitStore Store, SortedSetLimit Classical)> _nodes = [];
        private readonly string _run = Guid.NewGuid().ToString("N");

        public static async Task<Fleet> StartAsync(string endPoint, int nodes, int limit, TimeSpan window)
        {
            var fleet = new Fleet(new RateLimitPolicy("accuracy", limit, window));
            for (var node = 0; node < nodes; node++)
            {
                var clock = new ShiftedClock(TimeSpan.FromHours(HoursOff[node % HoursOff.Length]));
                var connection = new RedisConnection(
                    new RedisOptions { ConnectionString = endPoint, KeyPrefix = "scalekit-analysis", CallTimeout = TimeSpan.FromSeconds(30) }, clock);
                while (!(await connection.CheckHealthAsync()).IsHealthy)
                {
                }

                // A busy machine is no outage: nobody counts by himself here.
                var patient = new RedisRateLimitOptions { Timeout = TimeSpan.FromSeconds(30), WhenUnavailable = RateLimitFallback.Closed };
                fleet._nodes.Add((connection, new RedisRateLimitStore(connection, patient, clock), new SortedSetLimit(connection, clock, limit, window)));
            }

            return fleet;
        }

        public async Task<bool> TakeAsync(int call, string key) =>
            (await _nodes[call % _nodes.Count].Store.AcquireAsync(new RateLimitCharge(policy, $"{_run}:{key}"))).IsAcquired;

        public async Task<bool> TakeClassicalAsync(int call, string key)
        {
            var classical = _nodes[call % _nodes.Count].Classical;
            return await classical.TakeAsync(classical.Name($"{_run}:{key}"));
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var (connection, store, _) in _nodes)
            {
                store.Dispose();
                await connection.DisposeAsync();
            }
        }
    }
}
