using System.Globalization;

namespace ChatRooms;

/// <summary>
/// The key "room/000000000123": a room's messages lie side by side in the order of their numbers, and the part before the
/// slash decides the shard, so that a page of history asks one shard.
/// </summary>
internal static class MessageKey
{
    public const int Digits = 12;

    /// <summary>Greater than any number.</summary>
    public const long End = 999_999_999_999;

    public static string Of(string room, long number) => string.Create(CultureInfo.InvariantCulture, $"{room}/{number:D12}");

    public static string RoomOf(string key) => key[..^(Digits + 1)];

    public static long NumberOf(string key) => long.Parse(key.AsSpan(key.Length - Digits), NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>Takes the key apart that another node sent.</summary>
    public static bool TryParse(string key, out string room, out long number)
    {
        number = 0;
        var slash = key.Length - Digits - 1;
        room = slash > 0 ? key[..slash] : "";
        return slash > 0 && key[slash] == '/' && TryCursor(key[(slash + 1)..], out number);
    }

    /// <summary>A cursor is the number of the last message of the page before: 1 to 12 digits.</summary>
    public static bool TryCursor(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && text.Length <= Digits && number is > 0 and <= End;
}
