using System.Collections.Frozen;

namespace ScaleKit.Migration;

/// <summary>
/// Several migrations beside each other, each of a part of the keys: new users first, one tenant, one shard. Sends each operation to the repository of its key's cohort. A cohort has stores, ladder, fence
/// and outbox of its own, so it advances and goes back alone. Thread-safe. It owns none of the repositories.
/// </summary>
/// <remarks>
/// The cohort of a key must never change, and must be the same in every instance: a key that changes it leaves its row behind in the stores of the one before. Nothing here can notice that.
/// Scans are those of one cohort: <see cref="Of"/>.
/// </remarks>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed class CohortRepository<TKey, TValue>
    where TKey : notnull
{
    private readonly FrozenDictionary<string, DualWriteRepository<TKey, TValue>> _cohorts;
    private readonly Func<TKey, string> _cohortOf;

    /// <summary>A repository over the repositories of the cohorts.</summary>
    /// <param name="cohorts">The repositories by the name of their cohort, copied.</param>
    /// <param name="cohortOf">The name of a key's cohort: a pure function. It is asked before the key is checked, so it may be given any key but null.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">
    /// There is no cohort, or two of them share a store, a shard of one, or a name in their journal: the fence and the outbox of one would be the other's.
    /// </exception>
    public CohortRepository(IReadOnlyDictionary<string, DualWriteRepository<TKey, TValue>> cohorts, Func<TKey, string> cohortOf)
    {
        ArgumentNullException.ThrowIfNull(cohorts);
        ArgumentNullException.ThrowIfNull(cohortOf);
        if (cohorts.Count == 0)
        {
            throw new ArgumentException("There is no cohort.", nameof(cohorts));
        }

        _cohorts = cohorts.ToFrozenDictionary(StringComparer.Ordinal);
        _cohortOf = cohortOf;
        var owners = new Dictionary<object, string>();
        foreach (var (name, repository) in _cohorts)
        {
            foreach (var (part, what) in PartsOf(repository))
            {
                if (!owners.TryAdd(part, name))
                {
                    throw new ArgumentException($"The cohorts '{Shown.Of(owners[part])}' and '{Shown.Of(name)}' share {what}. Each needs its own.", nameof(cohorts));
                }
            }
        }
    }

    /// <summary>The repositories by the name of their cohort: what a <see cref="MigrationRunner{TKey, TValue}"/> walks.</summary>
    public IReadOnlyDictionary<string, DualWriteRepository<TKey, TValue>> Cohorts => _cohorts;

    /// <summary>The repository of a key's cohort.</summary>
    /// <exception cref="ArgumentNullException">The key is null.</exception>
    /// <exception cref="InvalidOperationException">The function named a cohort that there is not.</exception>
    public DualWriteRepository<TKey, TValue> Of(TKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var name = _cohortOf(key);
        return name is not null && _cohorts.TryGetValue(name, out var repository)
            ? repository
            : throw new InvalidOperationException(
                $"The key's cohort is '{Shown.Of(name ?? "")}'. There are {string.Join(", ", _cohorts.Keys.Order(StringComparer.Ordinal).Select(static n => $"'{Shown.Of(n)}'"))}.");
    }

    /// <inheritdoc cref="DualWriteRepository{TKey, TValue}.GetAsync"/>
    public ValueTask<VersionedValue<TValue>> GetAsync(TKey key, CancellationToken cancellationToken = default) => Of(key).GetAsync(key, cancellationToken);

    /// <inheritdoc cref="DualWriteRepository{TKey, TValue}.GetManyAsync"/>
    public async ValueTask<IReadOnlyList<VersionedEntry<TKey, TValue>>> GetManyAsync(IReadOnlyList<TKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var rows = new VersionedEntry<TKey, TValue>[keys.Count];
        await Task.WhenAll(Enumerable.Range(0, keys.Count).GroupBy(i => Of(keys[i])).ToList().Select(async cohort =>
        {
            var places = cohort.ToArray();
            var found = await cohort.Key.GetManyAsync(Array.ConvertAll(places, i => keys[i]), cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < places.Length; i++)
            {
                rows[places[i]] = found[i];
            }
        })).ConfigureAwait(false);
        return rows;
    }

    /// <inheritdoc cref="DualWriteRepository{TKey, TValue}.UpsertAsync"/>
    public ValueTask<RowVersion> UpsertAsync(TKey key, TValue value, CancellationToken cancellationToken = default) => Of(key).UpsertAsync(key, value, cancellationToken);

    /// <inheritdoc cref="DualWriteRepository{TKey, TValue}.UpsertIfAsync"/>
    public ValueTask<WriteResult> UpsertIfAsync(TKey key, TValue value, RowVersion expected, CancellationToken cancellationToken = default) =>
        Of(key).UpsertIfAsync(key, value, expected, cancellationToken);

    /// <inheritdoc cref="DualWriteRepository{TKey, TValue}.DeleteAsync"/>
    public ValueTask<bool> DeleteAsync(TKey key, CancellationToken cancellationToken = default) => Of(key).DeleteAsync(key, cancellationToken);

    /// <inheritdoc cref="DualWriteRepository{TKey, TValue}.DeleteIfAsync"/>
    public ValueTask<WriteResult> DeleteIfAsync(TKey key, RowVersion expected, CancellationToken cancellationToken = default) =>
        Of(key).DeleteIfAsync(key, expected, cancellationToken);

    /// <inheritdoc cref="DualWriteRepository{TKey, TValue}.UpdateAsync"/>
    public ValueTask<VersionedValue<TValue>> UpdateAsync(TKey key, Func<VersionedValue<TValue>, TValue> change, CancellationToken cancellationToken = default) =>
        Of(key).UpdateAsync(key, change, cancellationToken);

    // What another cohort must not have too. Two migrations with the same names would share their phase in a journal.
    private static IEnumerable<(object Part, string What)> PartsOf(DualWriteRepository<TKey, TValue> repository)
    {
        ArgumentNullException.ThrowIfNull(repository);
        var names = repository.Ladder.DocumentName("state");
        yield return ((repository.Ladder.Journal, names), $"a journal, and the names of their stores in it ({names})");
        foreach (var store in StoresIn(repository.Old).Concat(StoresIn(repository.New)).Distinct())
        {
            yield return (store, $"the store '{store.Name}'");
        }
    }

    private static IEnumerable<IVersionedStore<TKey, TValue>> StoresIn(IVersionedStore<TKey, TValue> store) => store is ShardedStore<TKey, TValue> sharded ? sharded.Shards : [store];
}
