namespace ChatRooms;

/// <summary>Names and sentences for simulated people.</summary>
internal static class SmallTalk
{
    private static readonly string[] Names =
        ["Ada", "Grace", "Linus", "Margaret", "Edsger", "Barbara", "Alan", "Katherine", "Dennis", "Radia", "Ken", "Hedy", "Donald", "Frances", "Tim", "Annie"];

    private static readonly string[] Sentences =
    [
        "Hello everybody!", "Who brought the biscuits?", "I waited four minutes for this seat.", "Is it raining where you are?", "The line moves fast today.",
        "Did you read the paper I sent?", "Brb, tea.", "That is a good point.", "I would not do that on a Friday.", "Works on my machine.",
        "How many shards does one need?", "Four, I hear.", "Somebody is migrating the database, and I feel nothing.", "Nice room, this one.", "See you tomorrow.",
        "<b>not bold</b>", "¿Qué tal?", "こんにちは", "Let us count: one, two, many.", "My cat walked over the keyboard.",
    ];

    public static string NameOf(int person) => Names[person % Names.Length] + (person < Names.Length ? "" : $" {person / Names.Length}");

    public static string Say(Random random) => Sentences[random.Next(Sentences.Length)];
}
