using BenchmarkDotNet.Attributes;
using ScaleKit.Admission;

namespace ScaleKit.Benchmarks;

/// <summary>
/// What it costs that one enters and a seat passes to the next, with few waiters and rooms and with many: the baseline is the small crowd. Who enters looks the room up
/// among all; the grant without that is in the analysis <c>admission-grant</c>.
/// </summary>
[MemoryDiagnoser]
public class AdmissionCrowdBenchmarks
{
    private Crowd _small = null!;
    private Crowd _large = null!;

    [GlobalSetup]
    public void Setup()
    {
        _small = new Crowd(waiters: 100, rooms: 100);
        _large = new Crowd(waiters: 100_000, rooms: 10_000);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _small.Dispose();
        _large.Dispose();
    }

    [Benchmark(Baseline = true)]
    public ValueTask HundredWaitersInHundredRooms() => _small.PassAsync();

    [Benchmark]
    public ValueTask HundredThousandWaitersInTenThousandRooms() => _large.PassAsync();

    private sealed class Crowd : IDisposable
    {
        private readonly Queue<ValueTask<AdmissionResult>> _line = new();
        private readonly AdmissionRequest[] _requests;
        private readonly AdmissionQueue _queue;
        private AdmissionLease _seat;
        private int _next;

        public Crowd(int waiters, int rooms)
        {
            _queue = new AdmissionQueue(new AdmissionOptions { TotalCapacity = 1, ActiveRooms = 2 * rooms, QueueCapacity = 2 * waiters });
            _requests = Enumerable.Range(0, rooms).Select(room => new AdmissionRequest($"room {room}")).ToArray();
            _seat = _queue.TryAdmit("hall").Lease!;
            for (var i = 0; i < waiters; i++)
            {
                Enter();
            }
        }

        /// <summary>One more enters, the seat passes to the next room in turn.</summary>
        public async ValueTask PassAsync()
        {
            Enter();
            await _seat.DisposeAsync();
            _seat = (await _line.Dequeue()).Lease!;
        }

        public void Dispose() => _queue.Dispose();

        private void Enter() => _line.Enqueue(_queue.AdmitAsync(_requests[_next++ % _requests.Length]));
    }
}
