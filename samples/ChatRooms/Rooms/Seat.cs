using ScaleKit.Admission;

namespace ChatRooms;

/// <summary>A taken seat: entered when made, given up once when disposed.</summary>
internal sealed class Seat : IAsyncDisposable
{
    private readonly RoomHub _hub;
    private readonly SeatLedger _ledger;
    private readonly AdmissionLease _lease;
    private readonly Outbox _outbox;
    private readonly CancellationTokenRegistration _loss;
    private bool _left;

    private Seat(string room, RoomHub hub, SeatLedger ledger, AdmissionLease lease, Outbox outbox)
    {
        Room = room;
        _hub = hub;
        _ledger = ledger;
        _lease = lease;
        _outbox = outbox;
        ledger.Enter(room);
        // A node that stood still for too long finds its seats given to others: whoever sits there must not go on.
        _loss = lease.LeaseLost.UnsafeRegister(static outbox => ((Outbox)outbox!).GiveUp(), outbox);
    }

    public string Room { get; }

    public static async Task<Seat> TakeAsync(string room, RoomHub hub, SeatLedger ledger, AdmissionLease lease, Outbox outbox)
    {
        var seat = new Seat(room, hub, ledger, lease, outbox);
        try
        {
            await hub.EnterAsync(outbox);
            return seat;
        }
        catch
        {
            await seat.DisposeAsync();
            throw;
        }
    }

    public Task<(string Id, long Number)> PostAsync(ChatMessage message, CancellationToken cancellationToken) => _hub.PostAsync(message, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_left)
            return;
        _left = true;
        await _loss.DisposeAsync();
        _hub.Leave(_outbox);
        // Before the lease: the next one may sit down the moment the lease is gone.
        _ledger.Leave(Room);
        await _lease.DisposeAsync();
    }
}
