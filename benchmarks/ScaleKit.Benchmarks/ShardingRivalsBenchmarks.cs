using BenchmarkDotNet.Attributes;
using ScaleKit.Benchmarks.Rivals;
using ScaleKit.Sharding;

namespace ScaleKit.Benchmarks;

/// <summary>From a key's hash to its shard: what one would write by hand or take, against slots and ring. The baseline is the ring with a binary search.</summary>
[MemoryDiagnoser]
public class ShardingRivalsBenchmarks
{
    private const int Keys = 1_024;

    private readonly ulong[] _hashes = [.. Enumerable.Range(0, Keys).Select(i => KeyHash.Of(i))];
    private string[] _ids = [];
    private Topology<int> _slots = null!;
    private Topology<int> _ring = null!;
    private BinarySearchRing _search = null!;
    private RendezvousHash _rendezvous = null!;

    [Params(10, 100, 1_000)]
    public int Shards { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Shard<int>[] shards = [.. ShardingBenchmarks.Shards(Shards)];
        _ids = Array.ConvertAll(shards, s => s.Id);
        _slots = SlotTopology.Create(shards);
        _ring = RingTopology.Create(shards);
        _search = new BinarySearchRing(_ids, RingTopology.DefaultPointsPerWeight);
        _rendezvous = new RendezvousHash(_ids);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Keys)]
    public string? RingByBinarySearch() => Each(hash => _search.Of(hash));

    [Benchmark(OperationsPerInvoke = Keys)]
    public string? Ring() => Each(hash => _ring.ShardOf(hash).Id);

    [Benchmark(OperationsPerInvoke = Keys)]
    public string? Slots() => Each(hash => _slots.ShardOf(hash).Id);

    [Benchmark(OperationsPerInvoke = Keys)]
    public string? Modulo() => Each(hash => _ids[(int)(hash % (ulong)_ids.Length)]);

    [Benchmark(OperationsPerInvoke = Keys)]
    public string? Jump() => Each(hash => _ids[JumpHash.Of(hash, _ids.Length)]);

    [Benchmark(OperationsPerInvoke = Keys)]
    public string? Rendezvous() => Each(hash => _ids[_rendezvous.Of(hash)]);

    private string? Each(Func<ulong, string> route)
    {
        string? id = null;
        foreach (var hash in _hashes)
        {
            id = route(hash);
        }

        return id;
    }
}
