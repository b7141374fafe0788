using System.Globalization;
using StackExchange.Redis;

namespace ScaleKit.Analysis.RateLimiting;

/// <summary>Runs two limiters in turns under one load: what disturbs the machine disturbs both.</summary>
internal sealed class LimiterLap(ConnectionMultiplexer client, int laps, int calls)
{
    private int _wrongAnswers;

    /// <summary>Answers that were not as the load has it: refused where all should be admitted, or the other way round.</summary>
    public int WrongAnswers => _wrongAnswers;

    /// <summary>Measures both.</summary>
    /// <param name="callers">How many call at the same time, each its next call after the answer.</param>
    /// <param name="isAdmitted">What the answers must be.</param>
    /// <param name="own">Takes a permit by the library; gets a number that differs from call to call.</param>
    /// <param name="rival">The same by the rival.</param>
    public async Task<(LimiterFigures Own, LimiterFigures Rival)> CompareAsync(int callers, bool isAdmitted, Func<int, ValueTask<bool>> own, Func<int, ValueTask<bool>> rival)
    {
        var (first, second) = (new Side(own), new Side(rival));
        for (var lap = -1; lap < laps; lap++)
        {
            foreach (var side in (Side[])[first, second])
            {
                var before = await CommandsAsync();
                var (time, latencies) = await RunAsync(callers, isAdmitted, side.Take);
                var commands = await CommandsAsync() - before;

                // The first lap warms up.
                if (lap >= 0)
                {
                    side.Add(time, latencies, commands);
                }
            }
        }

        return (first.Figures, second.Figures);
    }

    private async Task<(TimeSpan Time, double[] Latencies)> RunAsync(int callers, bool isAdmitted, Func<int, ValueTask<bool>> take)
    {
        var each = Math.Max(1, calls / callers);
        var latencies = new double[callers * each];
        var startedAt = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
            {
                // Callers walk through the keys from places far apart.
                var askedAt = TimeProvider.System.GetTimestamp();
                if (await take((caller * 7919) + (i * 31)) != isAdmitted)
                {
                    Interlocked.Increment(ref _wrongAnswers);
                }

                latencies[(caller * each) + i] = TimeProvider.System.GetElapsedTime(askedAt).TotalMicroseconds;
            }
        })));
        return (TimeProvider.System.GetElapsedTime(startedAt), latencies);
    }

    /// <summary>Commands so far, the asking itself not counted.</summary>
    private async Task<long> CommandsAsync()
    {
        var info = await client.GetServer(client.GetEndPoints()[0]).InfoAsync("commandstats");
        return info.SelectMany(section => section)
            .Where(line => line.Key is not ("cmdstat_info" or "cmdstat_ping" or "cmdstat_publish" or "cmdstat_subscribe"))
            .Sum(line => long.Parse(line.Value.Split(',')[0].Split('=')[1], CultureInfo.InvariantCulture));
    }

    private sealed class Side(Func<int, ValueTask<bool>> take)
    {
        private readonly Sample _latencies = new();
        private double _best;
        private double _calls;
        private double _commands;

        public Func<int, ValueTask<bool>> Take { get; } = take;

        public LimiterFigures Figures => new(_best, _latencies.Quantile(0.5), _latencies.Quantile(0.99), _calls, _commands);

        public void Add(TimeSpan time, double[] latencies, long commands)
        {
            _best = Math.Max(_best, latencies.Length / time.TotalSeconds);
            (_calls, _commands) = (_calls + latencies.Length, _commands + commands);
            foreach (var latency in latencies)
            {
                _latencies.Add(latency);
            }
        }
    }
}
