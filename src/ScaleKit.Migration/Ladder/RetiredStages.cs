namespace ScaleKit.Migration;

/// <summary>The stages that are no longer current and may still have somebody inside. Thread-safe.</summary>
internal sealed class RetiredStages
{
    private readonly Lock _gate = new();
    private readonly List<Stage> _stages = [];

    public void Add(Stage stage)
    {
        if (stage.IsLoaded)
        {
            lock (_gate)
            {
                _stages.Add(stage);
            }
        }
    }

    public bool AreEmpty() => First() is null;

    public long CountInside()
    {
        lock (_gate)
        {
            return _stages.Sum(static stage => stage.CountInside());
        }
    }

    public MigrationPhase FurthestFrom(MigrationPhase phase, MigrationPhase current)
    {
        lock (_gate)
        {
            return _stages.Where(static stage => stage.CountInside() > 0).Select(static stage => stage.Phase).Append(current).MaxBy(other => Math.Abs(other - phase));
        }
    }

    /// <summary>Waits until nobody is inside. False when that takes longer than <paramref name="timeout"/>.</summary>
    public async Task<bool> DrainAsync(TimeSpan timeout, TimeProvider time)
    {
        while (First() is { } stage)
        {
            if (!await stage.DrainAsync(timeout, time).ConfigureAwait(false))
            {
                return false;
            }
        }

        return true;
    }

    private Stage? First()
    {
        lock (_gate)
        {
            _stages.RemoveAll(static stage => stage.IsEmptyNow());
            return _stages.FirstOrDefault();
        }
    }
}
