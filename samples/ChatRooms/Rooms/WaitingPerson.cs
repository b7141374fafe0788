namespace ChatRooms;

internal sealed class WaitingPerson(long arrival, string nickname, string room)
{
    private volatile int _position;

    public long Arrival => arrival;

    public string Nickname => nickname;

    public string Room => room;

    public int Position
    {
        get => _position;
        set => _position = value;
    }
}
