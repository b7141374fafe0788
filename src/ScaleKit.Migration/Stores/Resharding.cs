using ScaleKit.Sharding;

namespace ScaleKit.Migration;

/// <summary>
/// Walks a plan of the sharding planner while reads and writes go on: each wave is a migration from a store that routes by the topology before it to one that routes by the topology after it, over the
/// same shards. A process that begins again goes on in the wave that its journal names. Thread-safe; one walk at a time.
/// </summary>
/// <remarks>
/// A key that stays on its shard is written there once, as both stores are then the same place and the second takes only what is newer. What a key has left behind on its old shard stays there, never read
/// again: a scan of a <see cref="ShardedStore{TKey, TValue}"/> with <c>ownedOnly</c> passes over it.
/// </remarks>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed class Resharding<TKey, TValue> : IAsyncDisposable
    where TKey : notnull
{
    private readonly ReshardPlan<IVersionedStore<TKey, TValue>> _plan;
    private readonly ShardRouting<TKey> _routing;
    private readonly IMigrationJournal _journal;
    private readonly MigrationOptions _options;
    private readonly TimeProvider _time;
    private readonly List<(DualWriteRepository<TKey, TValue> Repository, MigrationLadder Ladder)> _waves = [];
    private DualWriteRepository<TKey, TValue>? _repository;

    /// <summary>A resharding by a plan.</summary>
    /// <param name="plan">The plan; its shards are the stores, those that join included.</param>
    /// <param name="routing">Which part of a key decides about its slot.</param>
    /// <param name="journal">Where the waves keep their phases. It must outlive the process where the shards do.</param>
    /// <param name="options">The settings of every wave, copied.</param>
    /// <param name="timeProvider">The clock of timeouts and pauses.</param>
    /// <exception cref="ArgumentNullException">An argument other than the last two is null.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or the plan moves nothing.</exception>
    public Resharding(
        ReshardPlan<IVersionedStore<TKey, TValue>> plan,
        ShardRouting<TKey> routing,
        IMigrationJournal journal,
        MigrationOptions? options = null,
        TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(routing);
        ArgumentNullException.ThrowIfNull(journal);
        if (plan.Waves.Count == 0)
        {
            throw new ArgumentException("The plan moves nothing.", nameof(plan));
        }

        (_plan, _routing, _journal) = (plan, routing, journal);
        _options = (options ?? new MigrationOptions()).CopyValidated();
        _time = timeProvider ?? TimeProvider.System;
    }

    /// <summary>
    /// What to read and write through now. It changes from wave to wave, so take it for each operation; one that is refused with <see cref="StoreFencedException"/> has written nothing: take it again and repeat.
    /// </summary>
    /// <exception cref="InvalidOperationException"><see cref="StartAsync"/> has not ended yet.</exception>
    public DualWriteRepository<TKey, TValue> Repository =>
        Volatile.Read(ref _repository) ?? throw new InvalidOperationException("Call StartAsync first.");

    /// <summary>The wave that is under way, 1 and up; 0 before the start.</summary>
    public int Wave => _waves.Count == 0 ? 0 : FirstWave + _waves.Count - 1;

    private int FirstWave { get; set; } = 1;

    /// <summary>Finds the wave where the walk stands.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (_waves.Count > 0)
        {
            return;
        }

        for (FirstWave = 1; FirstWave < _plan.Waves.Count; FirstWave++)
        {
            var (old, @new) = Stores(FirstWave);
            if (await StateOf(old, @new).ReadAsync(cancellationToken).ConfigureAwait(false) is not { Phase: MigrationPhase.NewOnly })
            {
                break;
            }
        }

        await OpenAsync(FirstWave, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Walks every wave that is left through the whole ladder.</summary>
    /// <returns>How the last wave ended; look at <see cref="MigrationReport.Completed"/>: a wave in which something is missing ends the walk, and a further one goes on there.</returns>
    public async Task<MigrationReport> RunAsync(IProgress<MigrationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        await StartAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var report = await WalkWaveAsync(progress, cancellationToken).ConfigureAwait(false);
            if (!report.Completed || Wave == _plan.Waves.Count)
            {
                return report;
            }

            await OpenAsync(Wave + 1, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Stops the background work of every wave. The shards stay their owner's.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var (repository, ladder) in _waves)
        {
            await repository.DisposeAsync().ConfigureAwait(false);
            await ladder.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<MigrationReport> WalkWaveAsync(IProgress<MigrationProgress>? progress, CancellationToken cancellationToken)
    {
        using var activity = MigrationActivities.StartWave(Wave);
        try
        {
            var report = await new MigrationRunner<TKey, TValue>(Repository).RunAsync(MigrationPhase.NewOnly, progress, cancellationToken).ConfigureAwait(false);
            MigrationActivities.EndWave(activity, report.Completed);
            return report;
        }
        catch (Exception failure)
        {
            MigrationActivities.Fail(activity, failure);
            throw;
        }
    }

    private async Task OpenAsync(int wave, CancellationToken cancellationToken)
    {
        var (old, @new) = Stores(wave);
        var document = StateOf(old, @new);
        if (await document.ReadAsync(cancellationToken).ConfigureAwait(false) is null)
        {
            // The shards have been through the waves before: the next one begins in the epoch that their fences let through. Another process that does the same writes the same.
            var epoch = Math.Max(1, await @new.FenceAsync(0, cancellationToken).ConfigureAwait(false));
            await document.TryWriteAsync(new MigrationState { Epoch = epoch }, 0, cancellationToken).ConfigureAwait(false);
        }

        var ladder = new MigrationLadder(old, @new, _options, _journal, _time);
        var repository = new DualWriteRepository<TKey, TValue>(old, @new, ladder);
        await ladder.LoadAsync(cancellationToken).ConfigureAwait(false);
        _waves.Add((repository, ladder));
        Volatile.Write(ref _repository, repository);
    }

    private (ShardedStore<TKey, TValue> Old, ShardedStore<TKey, TValue> New) Stores(int wave) => (Store(wave - 1), Store(wave));

    private ShardedStore<TKey, TValue> Store(int waves) => new(
        new ShardRouter<IVersionedStore<TKey, TValue>>(_plan.TopologyAfter(waves)), _routing, $"topology {_plan.TopologyAfter(waves).Version}", ownedOnly: true);

    private StateDocument StateOf(ShardedStore<TKey, TValue> old, ShardedStore<TKey, TValue> @new) => new(_journal, $"state:{old.Name}>{@new.Name}");
}
