using System.Diagnostics;
using System.Globalization;
using ScaleKit.Admission;
using Spectre.Console;

namespace ScaleKit.Analysis.Admission;

/// <summary>
/// What it costs that a seat passes to the next, and what it costs to enter the line, by the number of waiters and rooms. Each apart: who enters looks the room up
/// among all, who gives a seat back does not.
/// </summary>
internal static class AdmissionGrant
{
    private const int Batch = 100;
    private const int BatchesInALap = 200;
    private static readonly (int Waiters, int Rooms)[] Sizes = [(100, 100), (10_000, 1_000), (100_000, 10_000)];

    public static readonly AnalysisCommand Command = new(
        "admission-grant",
        "a seat that passes to the next: time of the grant and of the entering, by waiters and rooms",
        new Dictionary<string, string>(StringComparer.Ordinal) { ["seconds"] = "10" },
        RunAsync);

    private static async Task RunAsync(AnalysisArguments arguments, AnalysisReport report)
    {
        var seconds = arguments.Number("seconds", 1, 3600);
        var lines = Array.ConvertAll(Sizes, static size => new Line(size.Waiters, size.Rooms));
        var started = Stopwatch.GetTimestamp();

        // In turns, and the best lap of each: what disturbs the machine disturbs all.
        do
        {
            foreach (var line in lines)
            {
                await line.LapAsync();
            }
        }
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < seconds);

        var table = new Table().AddColumns("waiters", "rooms", "grant ns", "enter ns");
        foreach (var (line, (waiters, rooms)) in lines.Zip(Sizes))
        {
            double[] values = [waiters, rooms, line.GrantNanoseconds, line.EnterNanoseconds];
            table.AddRow([.. values.Select(value => value.ToString("N0", CultureInfo.InvariantCulture))]);
            await line.DisposeAsync();
        }

        AnsiConsole.Write(table);
        var (small, large) = (lines[0], lines[^1]);
        report.Figure("grant_ns", Math.Round(large.GrantNanoseconds));
        report.Figure("enter_ns", Math.Round(large.EnterNanoseconds));
        report.Figure("enter_ratio", Math.Round(large.EnterNanoseconds / small.EnterNanoseconds, 2));
        report.TimeAtMost("grant_ratio", Math.Round(large.GrantNanoseconds / small.GrantNanoseconds, 2), 1.5);
    }

    /// <summary>One seat in all, so that every grant passes it to the room whose turn it is.</summary>
    private sealed class Line : IAsyncDisposable
    {
        private readonly Queue<ValueTask<AdmissionResult>> _waiting = new();
        private readonly AdmissionRequest[] _requests;
        private readonly AdmissionQueue _queue;
        private AdmissionLease _seat;
        private int _next;

        public Line(int waiters, int rooms)
        {
            _queue = new AdmissionQueue(new AdmissionOptions { TotalCapacity = 1, ActiveRooms = 2 * rooms, QueueCapacity = waiters + Batch });
            _requests = [.. Enumerable.Range(0, rooms).Select(static room => new AdmissionRequest(string.Create(CultureInfo.InvariantCulture, $"room {room}")))];
            _seat = _queue.TryAdmit("hall").Lease!;
            Enter(waiters);
        }

        public double GrantNanoseconds { get; private set; } = double.MaxValue;

        public double EnterNanoseconds { get; private set; } = double.MaxValue;

        /// <summary>Some enter, as many are seated; there are always as many rooms that wait.</summary>
        public async Task LapAsync()
        {
            var (entering, granting) = (TimeSpan.Zero, TimeSpan.Zero);
            for (var batch = 0; batch < BatchesInALap; batch++)
            {
                var started = Stopwatch.GetTimestamp();
                Enter(Batch);
                var entered = Stopwatch.GetTimestamp();
                for (var i = 0; i < Batch; i++)
                {
                    await _seat.DisposeAsync();
                    _seat = (await _waiting.Dequeue()).Lease!;
                }

                entering += Stopwatch.GetElapsedTime(started, entered);
                granting += Stopwatch.GetElapsedTime(entered);
            }

            EnterNanoseconds = Math.Min(EnterNanoseconds, entering.TotalNanoseconds / (Batch * BatchesInALap));
            GrantNanoseconds = Math.Min(GrantNanoseconds, granting.TotalNanoseconds / (Batch * BatchesInALap));
        }

        public ValueTask DisposeAsync() => _queue.DisposeAsync();

        private void Enter(int visitors)
        {
            for (var i = 0; i < visitors; i++)
            {
                _waiting.Enqueue(_queue.AdmitAsync(_requests[_next++ % _requests.Length]));
            }
        }
    }
}
