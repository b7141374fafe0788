namespace ChatRooms;

/// <summary>The simulated people: they arrive within a few seconds, then come and go until stopped.</summary>
internal sealed class Crowd(int size, int roomCapacity, RoomCatalog catalog, RunChecker checker, TimeProvider time) : IAsyncDisposable
{
    private const int ArrivalsPerSecond = 320;

    private readonly CancellationTokenSource _stopping = new();
    private readonly ClientAddresses _addresses = new();

    // So few rooms that each is wanted by more people than it seats, whatever the caps are.
    private readonly Parties _parties = new([.. catalog.Names.Take(Math.Max(1, size / (roomCapacity + 1)))]);
    private Task _running = Task.CompletedTask;
    private bool _disposed;

    public int Size => size;

    public void Start(Uri server)
    {
        if (size > 0)
            _running = Task.Run(() => Task.WhenAll(ArriveAsync(server), CloseRoomsAsync()));
    }

    /// <summary>Everybody finishes the sentence, leaves and disconnects.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        await StopAsync();
        _addresses.Dispose();
        _parties.Dispose();
        _stopping.Dispose();
    }

    private async Task ArriveAsync(Uri server)
    {
        const int Tenth = ArrivalsPerSecond / 10;
        var people = new List<Task>(size);
        for (var number = 0; number < size && !_stopping.IsCancellationRequested; number++)
        {
            people.Add(new SimulatedUser(number, server, _addresses, _parties, checker, time).RunAsync(_stopping.Token));
            if (number % Tenth == Tenth - 1)
                await Task.Delay(TimeSpan.FromMilliseconds(100), time, CancellationToken.None);
        }
        await Task.WhenAll(people);
    }

    private async Task CloseRoomsAsync()
    {
        var random = new Random(1);
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(10), time, _stopping.Token);
            while (true)
            {
                await Task.Delay(TimeSpan.FromSeconds(1.2), time, _stopping.Token);
                _parties.CloseOne(random);
            }
        }
        catch (OperationCanceledException)
        {
            // The crowd goes home.
        }
    }
}
