// Why a timeline is not fresh, for people.

export const says = {
  "not-polled-yet": "Your timeline is being fetched from X.",
  paused: "You have paused: nothing new is fetched.",
  "budget-spent": "The money for today is spent; new tweets come tomorrow.",
  "requests-spent": "There is a moment's wait before X may be asked again.",
  "catching-up": "Welcome back: what you missed is being fetched.",
  limited: "X lets nobody ask more often just now.",
  "sign-in-needed": "X no longer lets us read for you.",
  locked: "X has locked your account: see to it on X.",
  suspended: "X has suspended your account.",
  forbidden: "X does not let us read your account.",
  behind: "It is late: more is to be read than can be just now.",
  unavailable: "X does not answer just now.",
  malformed: "X does not answer with sense just now.",
  "credit-empty": "X refuses this whole gateway: its credit is spent.",
  "usage-capped": "X refuses this whole gateway: it has read as much as it may.",
  "app-forbidden": "X refuses this whole gateway.",
  "client-refused": "X refuses this whole gateway.",
};
