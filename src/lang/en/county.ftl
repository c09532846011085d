# What the county's rules find.
county-h01 = the same person, fund, kind and period is being paid already
county-r01 = the bank has no contract, or its agreements are not in force; payouts on the card go through contracted banks
county-r02 = the outlet is not in the register
county-r03 = a fee was taken for a first exchange
county-r04 = a card of the second generation was issued after 2022-01-01
county-r05 = there is no evidence of the recipient's own wish
county-r06 = there is no evidence of a meeting; benefits do not go to this card yet
county-r07 = a visit at home without a reason of special difficulty
county-r08 = a special case: paid to the account they have; nobody is asked to travel
county-r09 = a new recipient applies without the card and gives no reason for an exception
county-r10 = the account paid now would change without anybody's wish
county-r11 = the card's financial function is not activated face to face, or it is another bank's or another person's card
county-r12 = for people retired from public institutions the tender comes first
