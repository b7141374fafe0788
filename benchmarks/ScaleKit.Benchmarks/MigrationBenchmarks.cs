using BenchmarkDotNet.Attributes;
using ScaleKit.Migration;

namespace ScaleKit.Benchmarks;

/// <summary>What the repository adds to a point read and a point write in the phases with one store (A and F); the rival is the bare store.</summary>
[MemoryDiagnoser]
public class MigrationBenchmarks
{
    private readonly InMemoryStore<string, string> _old = new("old");
    private readonly InMemoryStore<string, string> _new = new("new");
    private DualWriteRepository<string, string> _repository = null!;

    [Params(MigrationPhase.OldOnly, MigrationPhase.NewOnly)]
    public MigrationPhase Phase { get; set; }

    private InMemoryStore<string, string> Bare => Phase == MigrationPhase.OldOnly ? _old : _new;

    [GlobalSetup]
    public void Setup()
    {
        _repository = new DualWriteRepository<string, string>(_old, _new, new MigrationOptions { RepairInBackground = false });
        _repository.UpsertAsync("room/000000000001", "hello").AsTask().GetAwaiter().GetResult();
        new MigrationRunner<string, string>(_repository).RunAsync(Phase).GetAwaiter().GetResult();
    }

    [GlobalCleanup]
    public void Cleanup() => _repository.DisposeAsync().AsTask().GetAwaiter().GetResult();

    [Benchmark(Baseline = true)]
    public ValueTask<VersionedValue<string>> BareStoreRead() => Bare.ReadAsync("room/000000000001");

    [Benchmark]
    public ValueTask<VersionedValue<string>> RepositoryRead() => _repository.GetAsync("room/000000000001");

    [Benchmark]
    public ValueTask<WriteResult> BareStoreWrite() => Bare.WriteAsync(new("room/000000000001", "hello", _repository.Ladder.State.Epoch));

    [Benchmark]
    public ValueTask<RowVersion> RepositoryWrite() => _repository.UpsertAsync("room/000000000001", "hello");
}
