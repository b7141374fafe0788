using System.Globalization;
using ScaleKit.Migration;
using Spectre.Console;

namespace LiveMigration;

/// <summary>Bars with rate and time left, fed by the worker's lines.</summary>
internal sealed class ProgressView(ProgressContext context, int rows)
{
    private readonly ProgressTask _seed = context.AddTask("rows before", maxValue: rows);
    private readonly ProgressTask _backfill = context.AddTask("backfill", autoStart: false);
    private readonly ProgressTask _verify = context.AddTask("verification", autoStart: false);
    private readonly ProgressTask _ladder = context.AddTask("ladder A", autoStart: false, maxValue: (int)MigrationPhase.NewOnly);

    public void Seeded(int count) => _seed.Increment(count);

    public void Show(MigrationProgress progress)
    {
        _ladder.StartTask();
        _ladder.Description = $"ladder {"ABCQDEF"[(int)progress.Phase]}";
        _ladder.Value = (int)progress.Phase;
        if ((progress.Step == MigrationStep.Backfilling ? _backfill : progress.Step == MigrationStep.Verifying ? _verify : null) is { } bar)
        {
            bar.StartTask();
            (bar.MaxValue, bar.Value) = (Math.Max(1, progress.TotalRows), progress.Rows);
            bar.Description = string.Create(
                CultureInfo.InvariantCulture,
                $"{(progress.Step == MigrationStep.Backfilling ? "backfill" : "verification")} {progress.RowsPerSecond:N0}/s, {progress.Remaining?.TotalSeconds ?? 0:N0} s left");
        }
    }

    public static MigrationProgress? Parse(string line)
    {
        if (!line.StartsWith("progress ", StringComparison.Ordinal))
        {
            return null;
        }

        var parts = Array.ConvertAll(line.Split(' ')[1..], static p => long.Parse(p, CultureInfo.InvariantCulture));
        return new MigrationProgress((MigrationPhase)parts[0], (MigrationStep)parts[1], parts[2], parts[3], parts[4], parts[5]);
    }
}
