using System.Globalization;
using ScaleKit.Migration;

namespace LiveMigration;

/// <summary>The process that is killed: writers, and the walk up the ladder. It goes on from wherever the one before was. Each line of its output is a fact.</summary>
internal sealed class Worker(Place place, SampleOptions options) : IProgress<MigrationProgress>
{
    // On each rung the writers go on for a moment, so that every phase is used. A real migration stays for days.
    private static readonly TimeSpan Stay = TimeSpan.FromMilliseconds(500);
    private readonly Lock _gate = new();

    public async Task<int> RunAsync()
    {
        await using var migration = new RunningMigration(place);
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, Writer.Count)
            .Select(id => Task.Run(() => new Writer(migration.Rows, id, options.Life, options.Rows, Say).RunAsync(stop.Token))).ToArray();
        var phase = (await migration.Runner.GetStatusAsync()).Phase;
        while (phase != MigrationPhase.NewOnly)
        {
            await Task.Delay(Stay, TimeProvider.System);
            var report = await migration.Runner.RunAsync(phase + 1, this);
            if (!report.Completed)
            {
                Say($"missing {string.Join(' ', report.Missing)}");
            }

            phase = report.To;
        }

        await Task.Delay(Stay, TimeProvider.System);
        await stop.CancelAsync();
        await Task.WhenAll(writers);
        Say("end");
        return 0;
    }

    public void Report(MigrationProgress value) => Say(string.Create(
        CultureInfo.InvariantCulture, $"progress {(int)value.Phase} {(int)value.Step} {value.Rows} {value.TotalRows} {value.RowsPerSecond:F0} {value.Differences}"));

    // Flushed line by line: what was said before a kill stays in the pipe.
    private void Say(string line)
    {
        lock (_gate)
        {
            Console.Out.WriteLine(line);
        }
    }
}
