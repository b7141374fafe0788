using System.Globalization;
using ScaleKit.Migration;

namespace ChatRooms;

/// <summary>The Migrate button: walks the ladder rung by rung, forward or back, in the background and keeps what is to be shown of it.</summary>
internal sealed class MigrationControl(
    MigrationRunner<string, ChatMessage> runner, MigrationLadder ladder, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<MigrationControl> logger)
    : IProgress<MigrationProgress>
{
    public const string Letters = "ABCQDEF";

    // On each rung the people chat on for a moment: every phase is seen, and used, with live traffic. A real migration stays for days.
    private static readonly TimeSpan StayOnARung = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task _run = Task.CompletedTask;
    private MigrationProgress? _progress;
    private long _copied;
    private VerificationReport? _verification;
    private string? _trouble;

    /// <summary>The phase of a letter; the last one without any.</summary>
    public static bool TryPhase(string? letter, out MigrationPhase phase)
    {
        phase = letter is null ? MigrationPhase.NewOnly : (MigrationPhase)Letters.IndexOf(letter, StringComparison.Ordinal);
        return letter is null or { Length: 1 } && phase >= MigrationPhase.OldOnly;
    }

    /// <summary>Starts, or goes on where it stopped; false while it runs and when it is there.</summary>
    public bool TryStart(MigrationPhase target = MigrationPhase.NewOnly)
    {
        lock (_lock)
        {
            if (!_run.IsCompleted || ladder.Phase == target)
                return false;
            _trouble = null;
            _run = Task.Run(() => RunAsync(target));
            return true;
        }
    }

    public MigrationView Read()
    {
        lock (_lock)
        {
            var running = !_run.IsCompleted;
            return new MigrationView(
                Letter(ladder.Phase), running, Part(), Text(running), (long)(_progress?.Remaining?.TotalMilliseconds ?? 0),
                _copied, _verification?.Compared ?? 0, _verification?.Differences ?? 0, _verification?.Lost ?? 0);
        }
    }

    public void Report(MigrationProgress value)
    {
        lock (_lock)
        {
            _progress = value;
            if (value.Step == MigrationStep.Backfilling)
                _copied = value.Rows;
        }
    }

    private async Task RunAsync(MigrationPhase target)
    {
        try
        {
            while (ladder.Phase != target)
            {
                var next = ladder.Phase < target ? ladder.Phase + 1 : ladder.Phase - 1;
                var report = await runner.RunAsync(next, this, lifetime.ApplicationStopping);
                lock (_lock)
                {
                    _verification = report.Verification ?? _verification;
                    _trouble = report.Completed ? null : string.Join("; ", report.Missing);
                }
                if (!report.Completed)
                    return;
                await Task.Delay(StayOnARung, time, lifetime.ApplicationStopping);
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The journal knows the rung; the next start goes on from there.
        }
        catch (Exception failure)
        {
            logger.LogError(failure, "The migration stopped.");
            lock (_lock)
                _trouble = $"it stopped with {failure.GetType().Name}";
        }
    }

    // Six moves; the first ones hold the backfill and the verification.
    private double Part()
    {
        var done = (int)ladder.Phase;
        var within = _progress is { Step: MigrationStep.Backfilling or MigrationStep.Verifying } step && step.Phase == ladder.Phase
            ? step.Step == MigrationStep.Backfilling ? step.Fraction / 2 : 0.5 + (step.Fraction / 2)
            : 0;
        return Math.Min(1, (done + (0.95 * within)) / (int)MigrationPhase.NewOnly);
    }

    private string Text(bool running)
    {
        if (_trouble is not null)
            return $"Stopped at {Letter(ladder.Phase)}: {_trouble}. Press Migrate to go on.";
        if (ladder.Phase == MigrationPhase.NewOnly)
            return _verification is null ? "The messages lie on the four shards." : "Done: the messages lie on the four shards, and nobody had to wait.";
        if (!running)
            return ladder.Phase == MigrationPhase.OldOnly ? "All messages lie in one file." : $"Standing at {Letter(ladder.Phase)}.";
        return _progress?.Step switch
        {
            MigrationStep.Backfilling => Counted("Copying"),
            MigrationStep.Verifying => Counted("Comparing"),
            MigrationStep.Draining => "Paying the debts of the outbox.",
            _ => "Moving to the next rung.",
        };
    }

    private string Counted(string what) => string.Create(
        CultureInfo.InvariantCulture, $"{what}: {_progress!.Rows:N0} of {Math.Max(_progress.Rows, _progress.TotalRows):N0} rows, {_progress.RowsPerSecond:N0} a second");

    private static string Letter(MigrationPhase phase) => Letters[(int)phase].ToString();
}
