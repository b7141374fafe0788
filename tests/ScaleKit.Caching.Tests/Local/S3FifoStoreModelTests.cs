using FsCheck;
using FsCheck.Fluent;
using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

/// <summary>The store against the policy as the paper words it, on lists.</summary>
public sealed class S3FifoStoreModelTests
{
    private const int Keys = 24;

    [Fact]
    public void AnyOperations_StoreAndModel_HoldTheSame()
    {
        // A step: what to do, the key, and a size or a time.
        var steps = (from action in Gen.Choose(0, 99) from key in Gen.Choose(0, Keys - 1) from amount in Gen.Choose(0, 400) select (action, key, amount)).ArrayOf();
        var runs = (from run in steps from entries in Gen.Choose(1, 16) from bytes in Gen.Elements(2_000, 5_000, 1_000_000) select (run, entries, bytes)).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000).WithEndSize(400), Prop.ForAll(runs, r => HoldTheSame(r.run, new(r.entries, r.bytes))));
    }

    private static bool HoldTheSame((int Action, int Key, int Amount)[] steps, LocalLimits limits)
    {
        var time = new ManualTimeProvider();
        using var store = Stores.S3Fifo(limits.Entries, limits.Bytes, time);
        var model = new Model(limits);
        foreach (var (action, number, amount) in steps)
        {
            var key = $"k{number}";
            switch (action)
            {
                case < 45:
                    var entry = Stores.EntryOf(amount);
                    var seconds = (amount % 20) + 1;
                    store.Set(key, entry, TimeSpan.FromSeconds(seconds));
                    model.Set(key, EntrySize.Of(key, entry), time.GetTimestamp() + TimeSpan.FromSeconds(seconds).Ticks, time.GetTimestamp());
                    break;
                case < 85:
                    if (store.Find(key) is not null != model.Find(key))
                        return false;
                    break;
                case < 93:
                    store.Remove(key);
                    model.Remove(key);
                    break;
                case < 99:
                    // Less than the sweeper's period in all but long runs; and a sweep is part of the model.
                    time.Advance(TimeSpan.FromSeconds(1));
                    store.Sweep();
                    model.Sweep(time.GetTimestamp());
                    break;
                default:
                    store.Clear();
                    model.Clear();
                    break;
            }

            if (store.Count != model.Count || store.Bytes != model.Bytes)
                return false;
        }

        store.AssertWhole(Enumerable.Range(0, Keys).Select(i => $"k{i}"), limits);
        return Enumerable.Range(0, Keys).All(i => store.Find($"k{i}") is not null == model.Find($"k{i}"));
    }

    private sealed class Model(LocalLimits limits)
    {
        private readonly List<Item> _small = [];
        private readonly List<Item> _main = [];
        private readonly GhostTable _ghosts = new();

        public int Count => _small.Count + _main.Count;

        public long Bytes => _small.Concat(_main).Sum(i => i.Bytes);

        private int Window => Math.Max(1, Count - (Count / 10));

        public bool Find(string key)
        {
            if (_small.Concat(_main).FirstOrDefault(i => i.Key == key) is not { } item)
                return false;
            item.Hits = Math.Min(3, item.Hits + 1);
            return true;
        }

        public void Set(string key, long bytes, long dropAt, long now)
        {
            var old = _small.Concat(_main).FirstOrDefault(i => i.Key == key);
            var queue = old is not null && _main.Contains(old) ? _main : _small;
            Remove(key);
            if (bytes > limits.Bytes)
                return;
            while (Count + 1 > limits.Entries)
                Evict(_small.Count * 10 >= Count, now);
            while (Bytes + bytes > limits.Bytes)
                Evict(_small.Sum(i => i.Bytes) * 10 >= Bytes, now);
            if (old is null && _ghosts.Remove(key.GetHashCode(StringComparison.Ordinal), Window))
                queue = _main;
            queue.Add(new Item(key, bytes, dropAt) { Hits = old?.Hits ?? 0 });
        }

        public void Remove(string key)
        {
            _small.RemoveAll(i => i.Key == key);
            _main.RemoveAll(i => i.Key == key);
        }

        public void Sweep(long now)
        {
            _small.RemoveAll(i => i.DropAt <= now);
            _main.RemoveAll(i => i.DropAt <= now);
        }

        public void Clear()
        {
            _small.Clear();
            _main.Clear();
        }

        private void Evict(bool preferSmall, long now)
        {
            for (var chances = S3FifoStore.Patience; ;)
            {
                var isSmall = _main.Count == 0 || (preferSmall && _small.Count > 0);
                var queue = isSmall ? _small : _main;
                var item = queue[0];
                queue.RemoveAt(0);
                if (item.DropAt <= now)
                    return;
                if (isSmall ? item.Hits < 2 : chances-- == 0 || item.Hits == 0)
                {
                    if (isSmall)
                        _ghosts.Add(item.Key.GetHashCode(StringComparison.Ordinal), Window);
                    return;
                }

                item.Hits = isSmall ? 0 : item.Hits - 1;
                _main.Add(item);
            }
        }

        private sealed record Item(string Key, long Bytes, long DropAt)
        {
            public int Hits { get; set; }
        }
    }
}
